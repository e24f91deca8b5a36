"""Optimal inspection: when to look at something whose end shows only when one looks.

A look costs something, and so does each second in which the end stays unseen; both are counted in seconds of lag.

- R. E. Barlow, L. C. Hunter, F. Proschan, Optimum Checking Procedures, J. SIAM 11 (1963), 1078-1095: each look stands
  where waiting a second longer would cost as much as it saves.
- J. B. Keller, Optimum Checking Schedules for Systems Subject to Random Failure, Management Science 21 (1974), 256-260,
  https://doi.org/10.1287/mnsc.21.3.256: when looks are many, their density is sqrt(hazard / (2 * cost)).
"""

from collections.abc import Callable
from functools import lru_cache
from math import exp, log, sqrt

from domain.log_normal import LogNormal, density, survival

NEVER = 0.003
"""The share of operations taken never to end. Once the likely durations are past, the hazard falls to nothing."""

STEP = 0.8
GRID = tuple(
    (deviations, survival(deviations), density(deviations) / (survival(deviations) + NEVER))
    for deviations in (STEP * point for point in range(-4, 6))
)
"""Standard deviations, and survival and hazard of the standard normal distribution there."""

LEAST_COST, MOST_COST = 1e-4, 1e6
"""Seconds of lag."""

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
def cost_for(looks: float, expected: LogNormal, shortest: float, longest: float) -> float:
    """Return the cost in seconds of lag at which an operation takes about `looks` looks, on average.

    By Keller's density within the limits, integrated over the time that operations run. Kept, since a run asks for the
    same one before each of its looks, and again in each replay.
    """
    # Before the grid begins, hardly anything ends: as few looks as the limits allow.
    before = expected.at(GRID[0][0] - STEP / 2) / longest
    steps = []
    for deviations, survival_there, standard_hazard in GRID:
        width = expected.spread * expected.at(deviations)
        steps.append((survival_there * width * STEP, standard_hazard / width))

    def is_dear(log_cost: float) -> bool:
        cost = exp(log_cost)
        made = sum(spent * min(max(sqrt(hazard / (2 * cost)), 1 / longest), 1 / shortest) for spent, hazard in steps)
        return before + made < looks

    return exp(_bisected(is_dear, log(LEAST_COST), log(MOST_COST)))


def _bisected(is_above: Callable[[float], bool], low: float, high: float) -> float:
    """Return where `is_above` turns true between `low` and `high`, to 1/4096 of the range."""
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if is_above(middle):
            high = middle
        else:
            low = middle
    return high
