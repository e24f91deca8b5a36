"""The best that any schedule can do within the same limits, when the distribution is known: by dynamic programming."""

from operator import sub
from statistics import NormalDist

from domain.log_normal import LogNormal

COSTS = tuple(0.2 * 1.5**power for power in range(10))
"""Of a look, in seconds of lag."""

STEPS = (0.5, 1.0, 2.5)
MOST_MOMENTS = 10_000
LAST = 4.0
"""Standard deviations. Three operations in 100,000 last longer; they are left out."""

FIRST_END = NormalDist().inv_cdf(0.01)
"""Standard deviations. A wait may last until 1 in 100 has ended, whatever the limits are."""


class Optimum:
    """Looks may stand at every multiple of `step` that is between `shortest` and `longest` after the one before.

    Before `FIRST_END`, a wait may be longer than `longest`, up to there.
    """

    def __init__(self, distribution: LogNormal, shortest: float, longest: float) -> None:
        end = distribution.at(LAST)
        self.step = next((step for step in STEPS if end / step <= MOST_MOMENTS), STEPS[-1])
        self.shortest, self.longest = round(shortest / self.step), round(longest / self.step)
        self.first_end = int(distribution.at(FIRST_END) / self.step)
        self.moments = round(end / self.step)
        every = [number * self.step for number in range(self.moments + self.longest + 1)]
        self.ended = [distribution.ended(moment) for moment in every]
        # The integral of `ended` so far, in closed form. Between two looks it grows by the lag of all that had ended.
        shifted = LogNormal(distribution.mean + distribution.spread**2, distribution.spread)
        self.lag = [
            moment * ended - distribution.average * shifted.ended(moment)
            for moment, ended in zip(every, self.ended, strict=True)
        ]
        self.supports = [(cost, *self._best(cost)) for cost in COSTS]

    def least_lag(self, calls: float) -> float:
        """Return the mean lag in seconds that no schedule of so many calls, on average, goes below.

        No schedule costs less than the best one at any cost of a call, so each of those gives a bound.
        """
        return max(lag + cost * (best_calls - calls) for cost, best_calls, lag in self.supports)

    def _best(self, cost: float) -> tuple[float, float]:
        """Return mean calls and mean lag of the schedule for which lag + cost * calls is least."""
        # What remains to pay after a look at each moment, and `self.lag` there: the two rank moments for the next look.
        after = self.lag.copy()
        chosen = [0] * self.moments
        waits = range(self.shortest, max(self.longest, self.first_end) + 1)
        for here in reversed(range(self.moments)):
            latest = max(self.longest, self.first_end - here)
            known = self.ended[here] * self.step
            candidates = after[here + self.shortest : here + latest + 1]
            totals = list(map(sub, candidates, [wait * known for wait in waits[: len(candidates)]]))
            least = min(totals)
            chosen[here] = waits[totals.index(least)]
            after[here] = least + cost * (1 - self.ended[here])
        calls = lag = 0.0
        here = 0
        while here < self.moments:
            then = here + chosen[here]
            calls += 1 - self.ended[here]
            lag += self.lag[then] - self.lag[here] - (then - here) * self.step * self.ended[here]
            here = then
        return calls, lag
