"""Thousands of runs at once, against the same orchestrator on durabletask's own worker; and what one replay costs."""

from typing import Any

from benchmarks.report import Ratio, Report, ratio
from benchmarks.runs.block import Block, block
from benchmarks.runs.replay import MOST_BYTES, MOST_EVENTS, MOST_SECONDS, Replay, replays
from benchmarks.runs.sides import durabletask, ours

COMPARED, MANY = 1_000, 5_000
"""Runs in flight at once: in each block of the two, which take turns, and in one of the app alone."""
PAIRS = 2
OTHER = "durabletask's own worker"
MOST_RESIDENT = 64 * 2**10
"""Bytes for one run."""


def measure() -> Report:
    """Measure it all. Raises `block.RunsLost` when runs do not end."""
    pairs = [(block(ours, COMPARED), block(durabletask, COMPARED)) for _ in range(PAIRS)]
    many = block(ours, MANY)
    costs = replays()
    ratios = [
        ratio("completions per second", OTHER, _both("completions_per_second", pairs), at_least=0.8),
        ratio("CPU per run", OTHER, _both("cpu_seconds", pairs)),
        ratio("memory per run, each with its task hub", OTHER, _both("resident_bytes", pairs)),
        # The task hub is in the same process: this is more than the app takes.
        ratio(f"memory per run, {MANY:,} in flight", "64 KiB", [(many.resident_bytes, MOST_RESIDENT)], at_most=1),
        ratio(f"runs with their own answer, {MANY:,} in flight", "started", [(many.answered, many.runs)], at_least=1),
        *_replay(list(costs.values())),
    ]
    figures = {
        "blocks": [{"ours": _figures(us), "durabletask": _figures(them)} for us, them in pairs],
        "many": _figures(many),
        "longestHistory": {name: cost.figures for name, cost in costs.items()},
    }
    return Report(ratios=ratios, figures=figures)


def _both(name: str, pairs: list[tuple[Block, Block]]) -> list[tuple[float, float]]:
    return [(getattr(us, name), getattr(them, name)) for us, them in pairs]


def _replay(costs: list[Replay]) -> list[Ratio]:
    """Return the ratios of the largest histories, whatever the number of looks, to what they may be."""
    return [
        ratio(
            "events of a history, at most", f"{MOST_EVENTS}", [(max(c.events for c in costs), MOST_EVENTS)], at_most=1
        ),
        ratio("bytes of a history, at most", "128 KiB", [(max(c.size for c in costs), MOST_BYTES)], at_most=1),
        ratio("one replay, at most", "10 ms", [(max(c.seconds for c in costs), MOST_SECONDS)], at_most=1),
    ]


def _figures(measured: Block) -> dict[str, Any]:
    return {
        "runs": measured.runs,
        "completionsPerSecond": round(measured.completions_per_second, 1),
        "cpuMillisecondsPerRun": round(1000 * measured.cpu_seconds, 2),
        "kibibytesPerRun": round(measured.resident_bytes / 1024, 1),
        "startMillisecondsP50": round(1000 * measured.start_at(0.5), 1),
        "startMillisecondsP99": round(1000 * measured.start_at(0.99), 1),
    }
