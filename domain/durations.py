"""How long operations take, learned from those that have ended.

Their logarithms are taken as normal. Mean and variance are running ones that forget, and no single operation can move
them far: it counts as `SURPRISE` standard deviations at most. Several surprises in a row are a new level, though, and
each takes away half of the trust in what was known, so that some twenty operations follow a lasting change.
"""

from math import isfinite, log, sqrt
from typing import TypedDict

from domain.log_normal import LogNormal


class Durations(TypedDict):
    """What is known of them: plain JSON."""

    count: float
    """Operations that stand behind it; less than were seen, when some are forgotten."""
    mean: float
    """Of the natural logarithm of seconds."""
    variance: float
    """Of the same."""


PRIOR: Durations = {"count": 0.0, "mean": log(330.0), "variance": 0.6**2}
"""The one operation that is documented ran for 327 s; most are taken to last between 3 and 10 minutes.

https://learn.microsoft.com/graph/api/longrunningoperation-get
"""

REMEMBERED = 20.0
"""Operations; what lies further back fades away."""
SURPRISE = 2.5
"""Standard deviations, beyond which one normal observation in 80 lies (Huber's clipping)."""

LOGARITHMS = (log(0.1), log(7 * 86_400.0))
"""Shorter than a tenth of a second and longer than a week are taken as that."""
VARIANCES = (0.05**2, 2.0**2)
"""However regular the last ones were, the next may differ by 5 %."""


def learned(known: Durations, seconds: float) -> Durations:
    """Return what is known after one more operation that took `seconds`; nonsense (0 or less, nan, inf) is ignored."""
    known = _sound(known)
    if not (isfinite(seconds) and seconds > 0):
        return known
    count, mean, variance = known["count"], known["mean"], known["variance"]
    limit = SURPRISE * sqrt(variance)
    distance = _within(log(seconds), LOGARITHMS) - mean
    counted = _within(distance, (-limit, limit))
    share = 1 / (count + 1)
    # The first operation replaces the median of the prior, but says nothing of the spread; the prior's counts as one.
    of_spread = min(count, 1.0) / (count + 1)
    trust = 1.0 if counted == distance else 0.5
    return {
        "count": trust * min(count + 1, REMEMBERED),
        "mean": mean + share * counted,
        "variance": _within(variance + of_spread * ((1 - share) * counted * counted - variance), VARIANCES),
    }


def expected(known: Durations) -> LogNormal:
    """Return the distribution to expect: wider than what was seen, the fewer were seen."""
    known = _sound(known)
    # What is built in counts as one.
    return LogNormal(known["mean"], sqrt(known["variance"] * (1 + 1 / (known["count"] + 1))))


def _sound(known: Durations) -> Durations:
    """Return `known` within its limits, or the prior when it holds no numbers: arithmetic with it cannot fail."""
    if not all(map(isfinite, (known["count"], known["mean"], known["variance"]))):
        return PRIOR
    return {
        "count": _within(known["count"], (0.0, REMEMBERED)),
        "mean": _within(known["mean"], LOGARITHMS),
        "variance": _within(known["variance"], VARIANCES),
    }


def _within(value: float, limits: tuple[float, float]) -> float:
    return min(max(value, limits[0]), limits[1])
