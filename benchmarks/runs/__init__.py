"""Thousands of runs at once, against the same orchestrator on durabletask's own worker; and what one replay costs."""

from typing import Any

from benchmarks.report import Ratio, Report, ratio
from benchmarks.runs.block import Block, block
from benchmarks.runs.replay import MOST_BYTES, MOST_EVENTS, MOST_SECONDS, replays
from benchmarks.runs.sides import durabletask, ours

SIZES = (1_000, 1_000, 5_000)
"""Runs in flight at once. Both sides take turns, so that they meet the same noise."""
OTHER = "durabletask's own worker"
MOST_RESIDENT = 64 * 2**10
"""Bytes for one run."""


def measure() -> Report:
    """Measure it all. Raises `block.RunsLost` when a run does not end with its own answer."""
    pairs = [(block(ours, size), block(durabletask, size)) for size in SIZES]
    largest, its_other = pairs[-1]
    same = pairs[:-1]
    costs = replays()
    ratios = [
        _completions(f"completions per second, {SIZES[0]:,} in flight", same),
        _completions(f"completions per second, {largest.runs:,} in flight", [pairs[-1]]),
        ratio("CPU per run", OTHER, [(us.cpu_seconds, them.cpu_seconds) for us, them in pairs]),
        # The task hub is in both processes: what is measured is above what the app takes.
        ratio("memory per run, app and task hub", "64 KiB", [(largest.resident_bytes, MOST_RESIDENT)], at_most=1),
        ratio("memory per run", OTHER, [(largest.resident_bytes, its_other.resident_bytes)]),
        ratio("runs that ended with their own answer", "started", [(largest.answered, largest.runs)], at_least=1),
        _most(
            "events of the longest history", f"{MOST_EVENTS}", [cost.events / MOST_EVENTS for cost in costs.values()]
        ),
        _most("bytes of the longest history", "128 KiB", [cost.size / MOST_BYTES for cost in costs.values()]),
        _most("one replay of it", "10 ms", [cost.seconds / MOST_SECONDS for cost in costs.values()]),
    ]
    figures = {
        "blocks": [{"ours": _figures(us), "durabletask": _figures(them)} for us, them in pairs],
        "longestHistory": {name: cost.figures for name, cost in costs.items()},
    }
    return Report(ratios=ratios, figures=figures)


def _completions(what: str, pairs: list[tuple[Block, Block]]) -> Ratio:
    speeds = [(us.completions_per_second, them.completions_per_second) for us, them in pairs]
    return ratio(what, OTHER, speeds, at_least=0.8)


def _most(what: str, against: str, shares: list[float]) -> Ratio:
    return Ratio(what=what, against=against, middle=max(shares), low=max(shares), high=max(shares), at_most=1)


def _figures(measured: Block) -> dict[str, Any]:
    return {
        "runs": measured.runs,
        "completionsPerSecond": round(measured.completions_per_second, 1),
        "cpuMillisecondsPerRun": round(1000 * measured.cpu_seconds, 2),
        "kibibytesPerRun": round(measured.resident_bytes / 1024, 1),
        "startMillisecondsP50": round(1000 * measured.start_at(0.5), 1),
        "startMillisecondsP99": round(1000 * measured.start_at(0.99), 1),
    }
