"""Optimal inspection: when to look at something whose end shows only when one looks.

A look costs something, and so does each second in which the end stays unseen; both are counted in seconds of lag.

- R. E. Barlow, L. C. Hunter, F. Proschan, Optimum Checking Procedures, J. SIAM 11 (1963), 1078-1095: each look stands
  where waiting a second longer would cost as much as it saves, so that all looks follow from the first.
- J. B. Keller, Optimum Checking Schedules for Systems Subject to Random Failure, Management Science 21 (1974), 256-260,
  https://doi.org/10.1287/mnsc.21.3.256: when looks are many, their density is sqrt(hazard / (2 * cost)).
"""

from collections.abc import Callable
from functools import lru_cache
from math import log, sqrt

from domain.log_normal import LogNormal, density, survival

NEVER = 0.001
"""The share of operations taken never to end. Once the likely durations are past, the hazard falls to nothing."""

GRID = range(-3, 5)
"""Standard deviations: the middles of the steps of an integral."""

FIRST_LOOK = (-5.0, 1.64)
"""Standard deviations, from hardly any end to 19 in 20: then it is time, however few looks there may be."""

HALVINGS = 12


def next_wait(expected: LogNormal, elapsed: float, cost: float, shortest: float, longest: float) -> float:
    """Return the seconds from a look at `elapsed` (≥ 0) to the next one, when each costs `cost` seconds of lag."""
    ended = expected.ended(elapsed)

    def is_too_late(wait: float) -> bool:
        """Weigh a second more: lag for all that have ended by now, against a look and more lag for those that end then.

        They would be seen by the look after, which Keller's density places.
        """
        moment = elapsed + wait
        ends, by_then = expected.density(moment), expected.ended(moment)
        return by_then - ended > ends * cost + sqrt(2 * cost * ends * (1 - by_then + NEVER))

    if is_too_late(shortest):
        return shortest
    if not is_too_late(longest):
        return longest
    return _bisected(is_too_late, shortest, longest)


@lru_cache(maxsize=64)
def cost_for(looks: float, expected: LogNormal, shortest: float, longest: float, longest_first: float) -> float:
    """Return the cost in seconds of lag at which an operation takes about `looks` looks, on average.

    The moment of the first look tells the cost. From there on, Keller's density within the limits is integrated over
    the time that operations run. Kept, since a run asks for the same cost before each of its looks and in each replay.
    """
    earliest, latest = expected.deviations(shortest), expected.deviations(longest_first)
    least, most = 1 / longest, 1 / shortest
    middle = _hazard(expected, 0.0)
    steps = [(at + 0.5, survival(at) * expected.width(at), _hazard(expected, at)) for at in GRID]

    def is_dear(unlimited: float) -> bool:
        cost = _cost_by_first(expected, unlimited)
        first = min(max(unlimited, earliest), latest)

        def per_second(hazard: float) -> float:
            return min(max(sqrt(hazard / (2 * cost)), least), most)

        made = 1.0
        for until, spent, hazard in steps:
            if until > first:
                made += min(until - first, 1.0) * spent * per_second(hazard)
        # Looks are a sum, which is half of its first term more than the integral. But a wait is as long as the density
        # at its beginning says: while the density grows, up to the median, looks lag behind it and are fewer.
        growth = log(per_second(middle) / per_second(_hazard(expected, first))) if first < 0 else 0.0
        return made + survival(first) / 2 * (1 - growth) < looks

    return _cost_by_first(expected, _bisected(is_dear, *FIRST_LOOK))


def _cost_by_first(expected: LogNormal, deviations: float) -> float:
    """Return the cost at which `next_wait`, without limits, puts the first look so many `deviations` from the median.

    Where `is_too_late` turns true, it is a quadratic equation for the square root of the cost.
    """
    ends = density(deviations) / expected.width(deviations)
    remains = survival(deviations)
    later = 2 * ends * (remains + NEVER)
    # This form of the solution takes no difference of two numbers that are nearly the same.
    return (2 * (1 - remains) / (sqrt(later) + sqrt(later + 4 * ends * (1 - remains)))) ** 2


def _hazard(expected: LogNormal, deviations: float) -> float:
    """Return the share of the operations still running, `NEVER` among them, that ends in a second."""
    return density(deviations) / (survival(deviations) + NEVER) / expected.width(deviations)


def _bisected(is_above: Callable[[float], bool], low: float, high: float) -> float:
    """Return where `is_above` turns true between `low` and `high`, to 1/4096 of the range."""
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if is_above(middle):
            high = middle
        else:
            low = middle
    return high
