"""What a soak must show, each beside what it may be at most or at least."""

from collections import Counter
from statistics import linear_regression, quantiles
from typing import NamedTuple

from tests.soak.soak import Sample, Soaked
from tests.soak.troubles import SHARE

WARM_UP = 0.25
"""Share of the steady load: until then, memory may grow."""
MEBIBYTE = 2**20
MOST_GROWTH = 4.0
"""Mebibytes, from the warm-up to the end. Ten minutes at 20 a second are 9,000 runs: one that left 1 KiB would show."""
MOST_MORE = 4
"""Open files, and threads, at rest: connections come and go, and pools of threads fill up only as they are needed."""


class Check(NamedTuple):
    """A figure; without a bar, it is for people only."""

    what: str
    found: str
    bar: str = ""
    holds: bool = True


def list_checks(soaked: Soaked) -> list[Check]:
    return [*_answers(soaked), *_pace(soaked), *_resources(soaked)]


def _answers(soaked: Soaked) -> list[Check]:
    callers, starts = soaked.callers, soaked.load.starts
    expected = Counter(callers.questions.of(number).name for number in range(starts))
    share = soaked.graph.met / max(soaked.asked_of_graph, 1)
    taken = callers.receiving.taken
    return [
        _exactly("starts", callers.asked, starts),
        *(_exactly(f"runs that ended as they must: {name}", callers.ended[name], expected[name]) for name in expected),
        Check("callbacks taken, some more than once", f"{taken:,}", f"≥ {starts:,}", taken >= starts),
        Check("requests to Graph", f"{soaked.asked_of_graph:,}"),
        Check("of these met by a fault", f"{share:.1%}", f"about {SHARE:.0%}", abs(share - SHARE) < SHARE / 4),
        Check("callbacks met by a fault", f"{soaked.receiver.met:,}"),
    ]


def _pace(soaked: Soaked) -> list[Check]:
    hundredths = [1000 * seconds for seconds in quantiles(soaked.callers.latencies, n=100)]
    late = soaked.samples[-1].at - soaked.samples[0].at - 60 * soaked.load.minutes
    return [
        Check("burst: until the last run was over", f"{soaked.burst_seconds:.0f} s"),
        Check("steady: until the last run was over", f"{late:.0f} s"),
        Check("a start takes, median", f"{hundredths[49]:.0f} ms"),
        Check("a start takes, 99th percentile", f"{hundredths[98]:.0f} ms"),
    ]


def _resources(soaked: Soaked) -> list[Check]:
    begins = soaked.samples[0].at + WARM_UP * 60 * soaked.load.minutes
    warm = [each for each in soaked.samples if each.at >= begins]
    grown, (before, after) = _growth(warm), soaked.idle
    resident = f"{warm[0].resident / MEBIBYTE:.0f} to {warm[-1].resident / MEBIBYTE:.0f} MiB"
    ended_well = not soaked.ended_badly
    return [
        Check("memory after warm-up grows by", f"{grown:.1f} MiB", f"≤ {MOST_GROWTH:g} MiB", grown <= MOST_GROWTH),
        Check("resident", resident),
        _at_rest("open files", before.files, after.files),
        _at_rest("threads", before.threads, after.threads),
        Check("the host stopped by itself, its log clean", "yes" if ended_well else "no", "yes", ended_well),
    ]


def _growth(samples: list[Sample]) -> float:
    """Return the mebibytes by which memory grew from the first to the last sample, by the line through all of them."""
    times = [each.at for each in samples]
    slope = linear_regression(times, [each.resident for each in samples]).slope
    return slope * (times[-1] - times[0]) / MEBIBYTE


def _exactly(what: str, found: int, expected: int) -> Check:
    return Check(what, f"{found:,}", f"{expected:,}", found == expected)


def _at_rest(what: str, before: int, after: int) -> Check:
    return Check(f"{what} at rest", f"{before} to {after}", f"≤ +{MOST_MORE}", after <= before + MOST_MORE)
