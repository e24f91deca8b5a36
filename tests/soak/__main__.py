"""`python -m tests.soak`: load the app for minutes, show every check beside its bar, exit 1 when one does not hold."""

import argparse
import asyncio
import sys
import time

from rich.console import Console
from rich.table import Table

from tests.soak.checks import Check, checks
from tests.soak.soak import Load, soak

SHOWN = 10
"""Faults that are shown, of however many."""
LONGEST = 2000
"""Characters of each."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of steady load (%(default)s)")
    parser.add_argument("--rate", type=float, default=20.0, help="starts a second, of the steady load (%(default)s)")
    parser.add_argument("--burst", type=int, default=2000, help="starts before it, as fast as they go (%(default)s)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of what goes wrong (the time)")
    chosen = parser.parse_args()
    console = Console(width=120)
    console.print(f"{chosen.burst} starts, then {chosen.rate:g}/s for {chosen.minutes:g} minutes; seed {chosen.seed}")
    soaked = asyncio.run(soak(Load(chosen.burst, chosen.rate, chosen.minutes, chosen.seed)))
    found = checks(soaked)
    console.print(_table(found))
    faults = [*soaked.callers.wrong[:SHOWN], *filter(None, [soaked.ended_badly])]
    for fault in faults:
        console.print(fault[:LONGEST], style="red", markup=False)
    return 0 if all(check.holds for check in found) else 1


def _table(found: list[Check]) -> Table:
    table = Table("", "found", "bar", "")
    for check in found:
        verdict = "" if not check.bar else "[green]ok[/]" if check.holds else "[red]missed[/]"
        table.add_row(check.what, check.found, check.bar, verdict)
    return table


if __name__ == "__main__":
    sys.exit(main())
