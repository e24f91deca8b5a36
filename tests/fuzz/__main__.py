"""`python -m tests.fuzz [part …]`: fuzz the parts that are named, or all, and exit 1 when something is found.

`http` is what callers ask, `answers` what Graph answers to a whole run, `parsers` the same bytes for each parser.
"""

import argparse
import asyncio
import sys
import time

from rich.console import Console
from rich.table import Table

from tests.fuzz.graph import KEPT, fuzz_graph
from tests.fuzz.http import fuzz_http

GRAPH = ("answers", "parsers")
PARTS = (*GRAPH, "http")
LAST = 6000
"""Characters that are shown of what a fuzzer says when it has found something."""

console = Console(width=120)


async def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one of {', '.join(PARTS)}; all of them without any")
    parser.add_argument("--minutes", type=float, default=10.0, help="of answers and parsers, at once (%(default)s)")
    parser.add_argument("--requests", type=int, default=20_000, help="of http, at least (%(default)s)")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 2**31, help="(the time)")
    chosen = parser.parse_args()
    parts = chosen.parts or PARTS
    if wrong := sorted(set(parts) - set(PARTS)):
        parser.error(f"no such part: {', '.join(wrong)}; there are {', '.join(PARTS)}")
    console.print(f"{', '.join(parts)}; seed {chosen.seed}")
    found = await _graph([part for part in GRAPH if part in parts], chosen.minutes, chosen.seed)
    if "http" in parts:
        found += await _http(chosen.requests, chosen.seed)
    return 1 if found else 0


async def _graph(targets: list[str], minutes: float, seed: int) -> int:
    """Fuzz `targets` at once, tell of each, and return how many found something."""
    fuzzed = await asyncio.gather(*(fuzz_graph(target, minutes, seed) for target in targets))
    for each in fuzzed:
        console.print(f"{each.target}: {each.inputs:,} inputs reached {each.coverage:,} edges of the app")
        if each.exit_code:
            console.print(each.said[-LAST:], markup=False)
            console.print(f"{each.target} found something; the input is in {KEPT}", style="red")
    return sum(each.exit_code != 0 for each in fuzzed)


async def _http(requests: int, seed: int) -> int:
    """Make the requests, tell of each operation, and return 1 when an answer was not as the document says."""
    asked = await fuzz_http(requests, seed, lambda made: console.print(f"http: {made:,} requests"))
    table = Table("operation", "requests", "answers")
    for operation in sorted({operation for operation, _ in asked.requests}):
        answers = {status: count for (to, status), count in sorted(asked.requests.items()) if to == operation}
        told = ", ".join(f"{status}: {count:,}" for status, count in answers.items())
        table.add_row(operation, f"{sum(answers.values()):,}", told)
    console.print(table)
    if asked.exit_code or asked.left_behind:
        console.print(asked.said[-LAST:], *asked.left_behind, markup=False)
        console.print("http found something", style="red")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
