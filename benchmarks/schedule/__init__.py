"""How soon after its end an operation is seen, and after how many looks: the app's schedule, and what others do.

`learned` is the mean of many learners, each after 20 operations of the kind that the row names; `not learned` goes by
what is built in. Their waits keep to the default limits, 5 and 60 s, and so do those of the optimum; either may wait
longer at first, until 1 operation in 100 has ended.
"""

from itertools import product
from statistics import fmean, quantiles

from benchmarks.report import Ratio, Report
from benchmarks.schedule import figures
from benchmarks.schedule.kind import GROWING, HALF_MINUTE, MINUTE, Kind, simulated

MEDIANS = (60, 330, 900)
BUILT_IN = 330
SPREADS = (0.2, 0.35, 0.6, 1.0)
TYPICAL = 0.35

LAG_BARS = {0.2: 0.40, 0.35: 0.60}
"""By spread: the mean lag of what was learned, against a look every 30 s."""
OPTIMUM_BAR = 1.15


def measure() -> Report:
    """Simulate every kind of operation."""
    kinds = [simulated(median, spread) for median, spread in product(MEDIANS, SPREADS)]
    ratios = [ratio for kind in kinds for ratio in _learned(kind)]
    ratios += [ratio for kind in kinds if kind.median == BUILT_IN for ratio in _not_learned(kind)]
    ratios += [_nearly_optimal(kind) for kind in kinds]
    ratios += [ratio for kind in kinds if kind.spread == TYPICAL for ratio in _beside_others(kind)]
    rows = [row for kind in kinds for row in figures.of_kind(kind)]
    return Report(ratios=ratios, figures={"operations": rows, "time": figures.time_taken()})


def _learned(kind: Kind) -> list[Ratio]:
    even = kind.others[HALF_MINUTE]
    calls_bar, lag_bar = (1.0, LAG_BARS[kind.spread]) if kind.spread in LAG_BARS else (None, None)
    return [
        _ratio(f"calls, learned, {kind}", HALF_MINUTE, kind.learned.calls, even.mean_calls, calls_bar),
        _ratio(f"lag, learned, {kind}", HALF_MINUTE, kind.learned.lags, even.mean_lag, lag_bar),
    ]


def _not_learned(kind: Kind) -> list[Ratio]:
    even = kind.others[HALF_MINUTE]
    return [
        _ratio(f"calls, not learned, {kind}", HALF_MINUTE, kind.unlearned.calls, even.mean_calls, 1),
        _ratio(f"lag, not learned, {kind}", HALF_MINUTE, kind.unlearned.lags, even.mean_lag, 1),
    ]


def _nearly_optimal(kind: Kind) -> Ratio:
    least = kind.optimum.least_lag(kind.learned.mean_calls)
    return _ratio(f"lag, learned, {kind}", "the optimum of as many calls", [kind.learned.mean_lag], least, OPTIMUM_BAR)


def _beside_others(kind: Kind) -> list[Ratio]:
    return [
        ratio
        for name in (MINUTE, GROWING)
        for ratio in (
            _ratio(f"calls, learned, {kind}", name, kind.learned.calls, kind.others[name].mean_calls),
            _ratio(f"lag, learned, {kind}", name, kind.learned.lags, kind.others[name].mean_lag),
        )
    ]


def _ratio(what: str, against: str, mine: list[float], theirs: float, at_most: float | None = None) -> Ratio:
    """Return the ratio of the means, which is what a tenant pays over time; the quartiles are those of the learners."""
    ratios = [each / theirs for each in mine]
    low, _, high = quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
    return Ratio(what=what, against=against, middle=fmean(ratios), low=low, high=high, at_most=at_most)
