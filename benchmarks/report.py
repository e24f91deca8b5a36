"""What a part of the bench measures: ratios, each with its bar, and the figures behind them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Ours divided by the other's, both measured in this run; less is better unless `at_least` is set."""

    what: str
    """What is measured, as `CPU per run`."""
    against: str
    """What it is measured against, as `durabletask's own worker`."""
    middle: float
    low: float
    high: float
    """Quartiles of the repeats; all three are the same when nothing varies."""
    at_most: float | None = None
    at_least: float | None = None
    """The bar, one of the two; a ratio without a bar is for the reader."""

    @property
    def holds(self) -> bool:
        """Whether the ratio, at its middle, meets its bar."""
        enough = self.at_least is None or self.middle >= self.at_least
        return enough and (self.at_most is None or self.middle <= self.at_most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of one part."""

    ratios: list[Ratio] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    """Plain JSON, with the unit in each name, as `meanLateSeconds`."""


def ratio(
    what: str,
    against: str,
    pairs: Sequence[tuple[float, float]],
    *,
    at_most: float | None = None,
    at_least: float | None = None,
) -> Ratio:
    """Return the ratio of `pairs`, (ours, the other's), each pair measured side by side."""
    ratios = [ours / other for ours, other in pairs]
    low, middle, high = quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
    return Ratio(what=what, against=against, middle=middle, low=low, high=high, at_most=at_most, at_least=at_least)
