"""What a soak must show, each beside what it may be at most or at least."""

from collections import Counter
from statistics import quantiles
from typing import NamedTuple

from tests.soak.resources import growth
from tests.soak.soak import Soaked
from tests.soak.troubles import SHARE

WARM_UP = 0.25
"""Share of the steady load: until then, memory may grow."""
MOST_GROWTH = 4.0
"""Mebibytes, from the warm-up to the end. Ten minutes at 20 a second are 9,000 runs: one that left 1 KiB would show."""
MOST_MORE = 4
"""Open files, and threads, at rest: connections come and go, and pools of threads fill up only as they are needed."""


class Check(NamedTuple):
    what: str
    found: str
    bar: str = ""
    holds: bool = True


def checks(soaked: Soaked) -> list[Check]:
    """Return every check, and the figures without a bar."""
    return [*_answers(soaked), *_pace(soaked), *_resources(soaked)]


def _answers(soaked: Soaked) -> list[Check]:
    callers, load = soaked.callers, soaked.load
    starts = load.burst + round(load.rate * 60 * load.minutes)
    expected = Counter(callers.questions.of(number).name for number in range(starts))
    ended = [
        Check(
            f"runs that ended as they must: {name}",
            f"{callers.ended[name]:,}",
            f"{count:,}",
            callers.ended[name] == count,
        )
        for name, count in expected.items()
    ]
    share = soaked.graph.met / max(soaked.asked_of_graph, 1)
    return [
        Check("starts", f"{callers.asked:,}", f"{starts:,}", callers.asked == starts),
        *ended,
        Check(
            "callbacks taken, some more than once",
            f"{callers.receiving.taken:,}",
            f"≥ {starts:,}",
            callers.receiving.taken >= starts,
        ),
        Check("requests to Graph", f"{soaked.asked_of_graph:,}"),
        Check("of these met by a fault", f"{share:.1%}", f"about {SHARE:.0%}", abs(share - SHARE) < SHARE / 4),
        Check("callbacks met by a fault", f"{soaked.receiver.met:,}"),
    ]


def _pace(soaked: Soaked) -> list[Check]:
    callers, load = soaked.callers, soaked.load
    hundredths = quantiles((start.answered - start.sent for start in callers.starts[load.burst :]), n=100)
    late = soaked.steady_seconds - 60 * load.minutes
    return [
        Check("burst: starts per second", f"{load.burst / soaked.burst_seconds:.0f}"),
        Check("burst: until the last run was over", f"{soaked.drained_seconds:.0f} s"),
        Check("steady: starts per second", f"{load.rate:g}"),
        Check(
            "steady: a start takes, median and 99th percentile",
            f"{1000 * hundredths[49]:.0f} ms, {1000 * hundredths[98]:.0f} ms",
        ),
        Check("steady: most runs in flight", f"{callers.most_in_flight:,}"),
        Check("steady: until the last run was over", f"{late:.0f} s"),
        Check(
            "steady: CPU of the host per run",
            f"{1000 * soaked.cpu_seconds / max(callers.asked - load.burst, 1):.1f} ms",
        ),
    ]


def _resources(soaked: Soaked) -> list[Check]:
    begins = soaked.samples[0].at + WARM_UP * 60 * soaked.load.minutes
    warm = [each for each in soaked.samples if each.at >= begins]
    grown, (before, after) = growth(warm), soaked.idle
    resident = f"{warm[0].resident / 2**20:.0f} to {warm[-1].resident / 2**20:.0f} MiB"
    return [
        Check("memory after warm-up grows by", f"{grown:.1f} MiB", f"≤ {MOST_GROWTH:g} MiB", grown <= MOST_GROWTH),
        Check("resident", resident),
        _at_rest("open files", before.files, after.files),
        _at_rest("threads", before.threads, after.threads),
        Check(
            "the host stopped by itself, its log clean",
            "no" if soaked.ended_badly else "yes",
            "yes",
            not soaked.ended_badly,
        ),
    ]


def _at_rest(what: str, before: int, after: int) -> Check:
    return Check(f"{what} at rest", f"{before} to {after}", f"≤ +{MOST_MORE}", after <= before + MOST_MORE)
