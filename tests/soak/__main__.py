"""`python -m tests.soak`: load the app for minutes, show every check beside its bar, exit 1 when one does not hold."""

import argparse
import asyncio
import sys
import time

from rich.console import Console
from rich.table import Table

from emulator.host.hub import Timing
from emulator.host.timing import configure_timing, timing_of
from tests.soak.checks import list_checks
from tests.soak.soak import Load, soak

USUAL = Timing(early_seconds=0.9, late_seconds=1.5, start_seconds=0.1)
"""As a busy hub in Azure keeps its times."""
SHOWN, LONGEST = 10, 2000
"""Faults that are shown, of however many, and characters of each."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of steady load (%(default)s)")
    parser.add_argument("--rate", type=float, default=20.0, help="starts a second, of the steady load (%(default)s)")
    parser.add_argument("--burst", type=int, default=2000, help="starts before it, as fast as they go (%(default)s)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of what goes wrong (the time)")
    configure_timing(parser, USUAL)
    chosen = parser.parse_args()
    console = Console(width=120)
    console.print(f"{chosen.burst} starts, then {chosen.rate:g}/s for {chosen.minutes:g} minutes; seed {chosen.seed}")
    load = Load(chosen.burst, chosen.rate, chosen.minutes, chosen.seed)
    soaked = asyncio.run(soak(load, timing_of(chosen)))
    checks, table = list_checks(soaked), Table("", "found", "bar", "")
    for check in checks:
        verdict = "" if not check.bar else "[green]ok[/]" if check.holds else "[red]missed[/]"
        table.add_row(check.what, check.found, check.bar, verdict)
    console.print(table)
    for fault in [*soaked.callers.wrong[:SHOWN], *filter(None, [soaked.ended_badly])]:
        console.print(fault[:LONGEST], style="red", markup=False)
    return 0 if all(check.holds for check in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
