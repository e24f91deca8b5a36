"""Operations that end unseen, schedules that look for their end, and what each schedule costs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil
from random import Random
from statistics import NormalDist, fmean

from domain.durations import PRIOR, Durations, learned
from domain.log_normal import LogNormal
from domain.schedule import while_running

SHORTEST, LONGEST = 5.0, 60.0
"""The defaults of POLL_MIN_SECONDS and POLL_MAX_SECONDS."""

OPERATIONS = 5000
"""Enough that where a look stands beside the few longest ones makes no difference."""
LEARNERS = 200

type Looks = Iterator[float]
"""The moments of the looks at one operation, in seconds since it began; the first is one wait after that."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What looking at many operations has cost; calls include the look that sees the end, which lag is measured to."""

    calls: list[float]
    lags: list[float]
    """Means, one for each learner."""
    p95_lag: float
    """Seconds, over all operations of all learners."""

    @property
    def mean_calls(self) -> float:
        return fmean(self.calls)

    @property
    def mean_lag(self) -> float:
        return fmean(self.lags)


def durations(distribution: LogNormal) -> list[float]:
    """Return durations at even quantiles, in ascending order: no luck of a draw is in what they cost."""
    return [distribution.at(NormalDist().inv_cdf((number + 0.5) / OPERATIONS)) for number in range(OPERATIONS)]


def outcome(schedules: Iterable[Looks], ends: Sequence[float]) -> Outcome:
    """Look at operations that end at `ends` (ascending) by each of `schedules`."""
    calls: list[float] = []
    lags: list[float] = []
    all_lags: list[float] = []
    for looks in schedules:
        made, moment, seen = 0, 0.0, []
        total = 0
        for end in ends:
            while moment < end:
                moment = next(looks)
                made += 1
            total += made
            seen.append(moment - end)
        calls.append(total / len(ends))
        lags.append(fmean(seen))
        all_lags += seen
    return Outcome(calls, lags, sorted(all_lags)[ceil(0.95 * len(all_lags)) - 1])


def ours(known: Durations) -> Looks:
    """Look as the app does."""
    moment = 0.0
    while True:
        moment += while_running(moment, known, SHORTEST, LONGEST)
        yield moment


def every(seconds: float) -> Looks:
    return (seconds * number for number in count(1))


def growing(first: float, factor: float, longest: float) -> Looks:
    moment, wait = 0.0, first
    while True:
        moment += wait
        yield moment
        wait = min(wait * factor, longest)


def learners(distribution: LogNormal, operations: int) -> Iterator[Durations]:
    """Return what each of `LEARNERS` knows after so many operations; the same in every run of the bench."""
    for seed in range(LEARNERS):
        random = Random(seed)  # noqa: S311 - draws, not secrets
        known = PRIOR
        for _ in range(operations):
            known = learned(known, random.lognormvariate(distribution.mean, distribution.spread))
        yield known
