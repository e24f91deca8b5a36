"""Operations of one kind, and what looking at them costs."""

from dataclasses import dataclass
from math import log

from benchmarks.schedule.optimum import Optimum
from benchmarks.schedule.simulation import (
    LONGEST,
    SHORTEST,
    Outcome,
    durations,
    every,
    growing,
    learners,
    ours,
    outcome,
)
from domain.durations import PRIOR
from domain.log_normal import LogNormal

SEEN = 20

HALF_MINUTE, MINUTE, GROWING = "every 30 s", "every 60 s (Airflow)", "5 s x 1.5 to 300 s (AWS)"
"""Airflow: the default of MSGraphSensor. AWS: that of `wait_for_condition` in durable functions, without its jitter."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Log-normal operations: median in seconds, and the standard deviation of the logarithm."""

    median: int
    spread: float
    learned: Outcome
    """After `SEEN` operations of this kind."""
    unlearned: Outcome
    """By what is built in."""
    others: dict[str, Outcome]
    optimum: Optimum

    def __str__(self) -> str:
        return f"median {self.median} s, spread {self.spread:g}"


def simulated(median: int, spread: float) -> Kind:
    distribution = LogNormal(log(median), spread)
    ends = durations(distribution)
    others = {HALF_MINUTE: every(30), MINUTE: every(60), GROWING: growing(5, 1.5, 300)}
    return Kind(
        median,
        spread,
        learned=outcome(map(ours, learners(distribution, SEEN)), ends),
        unlearned=outcome([ours(PRIOR)], ends),
        others={name: outcome([looks], ends) for name, looks in others.items()},
        optimum=Optimum(distribution, SHORTEST, LONGEST),
    )
