"""`python -m benchmarks [part …]`: measure, show every ratio with its bar, exit 1 when a bar is missed."""

import argparse
import sys
from time import monotonic

from rich.console import Console
from rich.table import Table

from benchmarks import cold_start, cost, polling, runs
from benchmarks.report import Ratio

PARTS = {"polling": polling, "cost": cost, "cold_start": cold_start, "runs": runs}
"""In the order they run."""

console = Console()


def main() -> int:
    """Run the parts that are named, or all of them."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one of {', '.join(PARTS)}; all of them without any")
    parts = parser.parse_args().parts
    if wrong := sorted(set(parts) - set(PARTS)):
        parser.error(f"no such part: {', '.join(wrong)}; there are {', '.join(PARTS)}")
    missed = list[Ratio]()
    for part in parts or PARTS:
        console.print(f"[bold]{part}[/] …")
        began = monotonic()
        report = PARTS[part].measure()
        if report.ratios:
            console.print(_make_table(report.ratios))
        console.print_json(data=report.figures)
        console.print(f"{part}: {monotonic() - began:.0f} s\n")
        missed += [ratio for ratio in report.ratios if not ratio.holds]
    for ratio in missed:
        console.print(f"[red]missed[/] {ratio.what}: {ratio.middle:.3f} of {ratio.against}, bar {_show_bar(ratio)}")
    return 1 if missed else 0


def _make_table(ratios: list[Ratio]) -> Table:
    table = Table("", "against", "ratio", "quartiles", "bar", "")
    for ratio in ratios:
        spread = "" if ratio.low == ratio.high else f"{ratio.low:.3f} to {ratio.high:.3f}"
        verdict = "" if _show_bar(ratio) == "" else "[green]ok[/]" if ratio.holds else "[red]missed[/]"
        table.add_row(ratio.what, ratio.against, f"{ratio.middle:.3f}", spread, _show_bar(ratio), verdict)
    return table


def _show_bar(ratio: Ratio) -> str:
    if ratio.at_most is not None:
        return f"≤ {ratio.at_most:g}"
    return "" if ratio.at_least is None else f"≥ {ratio.at_least:g}"


if __name__ == "__main__":
    sys.exit(main())
