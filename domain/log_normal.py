"""A log-normal distribution of durations: their logarithms are normal, so that twice as long is as likely as half."""

from math import erfc, exp, log, pi, sqrt
from typing import NamedTuple


class LogNormal(NamedTuple):
    """`mean` and `spread` (standard deviation, > 0) of the natural logarithm of seconds."""

    mean: float
    spread: float

    @property
    def average(self) -> float:
        """Seconds: of the durations themselves, which is more than their median."""
        return exp(self.mean + self.spread * self.spread / 2)

    def at(self, deviations: float) -> float:
        """Return the duration in seconds that is so many standard deviations from the median."""
        return exp(self.mean + self.spread * deviations)

    def width(self, deviations: float) -> float:
        """Return the seconds that a standard deviation is wide, so many of them from the median."""
        return self.spread * self.at(deviations)

    def deviations(self, seconds: float) -> float:
        """Return how many standard deviations from the median a duration (> 0) is."""
        return (log(seconds) - self.mean) / self.spread

    def ended(self, seconds: float) -> float:
        """Return the share of operations that have ended after `seconds`: the cumulative distribution."""
        return 1 - survival(self.deviations(seconds)) if seconds > 0 else 0.0

    def density(self, seconds: float) -> float:
        """Return the share that ends per second, after `seconds`."""
        return density(self.deviations(seconds)) / (self.spread * seconds) if seconds > 0 else 0.0


def survival(deviations: float) -> float:
    """Return the share of a standard normal distribution beyond `deviations`."""
    return erfc(deviations / sqrt(2)) / 2


def density(deviations: float) -> float:
    """Return the density of the standard normal distribution."""
    return exp(-deviations * deviations / 2) / sqrt(2 * pi)
