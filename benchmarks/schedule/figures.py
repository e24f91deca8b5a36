"""What plots are made of."""

from statistics import median
from time import perf_counter

from benchmarks.schedule.kind import Kind
from benchmarks.schedule.simulation import LONGEST, SHORTEST
from domain.durations import PRIOR
from domain.inspection import cost_for
from domain.schedule import while_running

type Figure = dict[str, str | float]


def of_kind(kind: Kind) -> list[Figure]:
    """Return one row for each schedule."""
    named: Figure = {"medianSeconds": kind.median, "spread": kind.spread}
    outcomes = {"learned": kind.learned, "not learned": kind.unlearned, **kind.others}
    return [
        {
            **named,
            "schedule": name,
            "meanCalls": round(found.mean_calls, 3),
            "meanLagSeconds": round(found.mean_lag, 3),
            "p95LagSeconds": round(found.p95_lag, 3),
        }
        for name, found in outcomes.items()
    ]


def time_taken() -> Figure:
    """Return how long choosing a wait takes: the first one with what was learned, and any after it."""
    first, after = [], []
    for moment in range(0, 1000, 5):
        cost_for.cache_clear()
        first.append(_microseconds(moment))
        after.append(_microseconds(moment))
    return {"firstWaitMicroseconds": median(first), "nextWaitMicroseconds": median(after)}


def _microseconds(moment: float) -> float:
    began = perf_counter()
    while_running(moment, PRIOR, SHORTEST, LONGEST)
    return round((perf_counter() - began) * 1e6, 1)
