"""Thousands of runs at once, against the same orchestrator on durabletask's own worker."""

from typing import Any

from benchmarks.report import Report, ratio
from benchmarks.runs.block import Block, run_block
from benchmarks.runs.history import count_events
from benchmarks.runs.sides import open_app, open_app_beside_hub, open_durabletask

COMPARED, MANY = 1_000, 5_000
"""Runs in flight at once: in each block of the two, which take turns, and in one of the app alone."""
PAIRS = 2
POLLS, MOST_EVENTS = 10_000, 399
OTHER = "durabletask's own worker"
MOST_RESIDENT = 15 * 2**10
"""Bytes for one run."""


def measure() -> Report:
    """Measure it all. Raises `block.RunsLost` when runs do not end."""
    pairs = [(run_block(open_app, COMPARED), run_block(open_durabletask, COMPARED)) for _ in range(PAIRS)]
    many, events = run_block(open_app_beside_hub, MANY), count_events(POLLS)
    return Report(
        ratios=[
            ratio("completions per second", OTHER, _pair("completions_per_second", pairs), at_least=1.7),
            ratio("CPU per run", OTHER, _pair("cpu_seconds", pairs)),
            ratio("memory per run, each with its task hub", OTHER, _pair("resident_bytes", pairs)),
            # In Azure a storage account keeps the runs: what counts is what they take of the app's instance.
            ratio(
                f"memory of the app per run, {MANY:,} in flight",
                "15 KiB",
                [(many.resident_bytes, MOST_RESIDENT)],
                at_most=1,
            ),
            ratio(f"events of a history, {POLLS:,} polls", "399", [(events, MOST_EVENTS)], at_most=1),
            ratio(f"runs with their own result, {MANY:,} in flight", "started", [(many.right, many.runs)], at_least=1),
        ],
        figures={
            "blocks": [{"app": _list_figures(app), "durabletask": _list_figures(other)} for app, other in pairs],
            "many": _list_figures(many),
        },
    )


def _pair(name: str, pairs: list[tuple[Block, Block]]) -> list[tuple[float, float]]:
    return [(getattr(app, name), getattr(other, name)) for app, other in pairs]


def _list_figures(block: Block) -> dict[str, Any]:
    return {
        "runs": block.runs,
        "completionsPerSecond": round(block.completions_per_second, 1),
        "cpuMillisecondsPerRun": round(1000 * block.cpu_seconds, 2),
        "kibibytesPerRun": round(block.resident_bytes / 1024, 1),
        **({} if block.hub_bytes is None else {"kibibytesPerRunOfTaskHub": round(block.hub_bytes / 1024, 1)}),
    }
