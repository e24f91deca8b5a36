"""`python -m benchmarks [part …]`: measure, show every ratio beside its bar, exit 1 when a bar is missed."""

import argparse
import json
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.machine import machine
from benchmarks.report import Ratio, Report

PARTS = ("schedule", "cost", "look", "cold_start", "runs", "start")
"""Modules of this package, in the order they run: each has `measure() -> Report`."""
RESULTS = Path(__file__).with_name("results.json")
WIDTH = 200
"""Of its lines."""

console = Console()


def main() -> int:
    """Run the parts that are named, or all of them, and keep what they found in `results.json`."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one of {', '.join(PARTS)}; all of them without any")
    named = parser.parse_args().parts
    if wrong := sorted(set(named) - set(PARTS)):
        parser.error(f"no such part: {', '.join(wrong)}; there are {', '.join(PARTS)}")
    reports: dict[str, Report] = {}
    for part in named or PARTS:
        console.print(f"[bold]{part}[/] …")
        began = monotonic()
        reports[part] = import_module(f"benchmarks.{part}").measure()
        console.print(_table(reports[part].ratios))
        console.print(f"{part}: {monotonic() - began:.0f} s\n")
    _keep(reports)
    missed = [ratio for report in reports.values() for ratio in report.ratios if not ratio.holds]
    for ratio in missed:
        console.print(f"[red]missed[/] {ratio.what}: {ratio.middle:.3f} of {ratio.against}, bar {_bar(ratio)}")
    return 1 if missed else 0


def _table(ratios: list[Ratio]) -> Table:
    table = Table("", "against", "ratio", "quartiles", "bar", "")
    for ratio in ratios:
        spread = "" if ratio.low == ratio.high else f"{ratio.low:.3f} to {ratio.high:.3f}"
        verdict = "" if _bar(ratio) == "" else "[green]ok[/]" if ratio.holds else "[red]missed[/]"
        table.add_row(ratio.what, ratio.against, f"{ratio.middle:.3f}", spread, _bar(ratio), verdict)
    return table


def _bar(ratio: Ratio) -> str:
    if ratio.at_most is not None:
        return f"≤ {ratio.at_most:g}"
    return "" if ratio.at_least is None else f"≥ {ratio.at_least:g}"


def _keep(reports: dict[str, Report]) -> None:
    """Write what was measured over what stood there; parts that were not run keep their last results."""
    kept: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    measured = {"measuredAt": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine()}
    for part, report in reports.items():
        ratios = [
            {
                "what": ratio.what,
                "against": ratio.against,
                "ratio": round(ratio.middle, 4),
                "quartiles": [round(ratio.low, 4), round(ratio.high, 4)],
                "bar": _bar(ratio),
            }
            for ratio in report.ratios
        ]
        kept[part] = {**measured, "ratios": ratios, "figures": report.figures}
    RESULTS.write_text(_lines(kept) + "\n", encoding="utf-8")


def _lines(value: Any, indent: str = "") -> str:
    """Return JSON with a line for whatever fits in one, so that a figure that changed is a line that changed."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(indent + line) <= WIDTH:
        return line
    deeper = f"{indent}  "
    if isinstance(value, dict):
        inner = [f"{json.dumps(name)}: {_lines(each, deeper)}" for name, each in value.items()]
    else:
        inner = [_lines(each, deeper) for each in value]
    return f",\n{deeper}".join(inner).join((f"{line[0]}\n{deeper}", f"\n{indent}{line[-1]}"))


if __name__ == "__main__":
    sys.exit(main())
