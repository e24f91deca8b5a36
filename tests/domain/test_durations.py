"""What is learned of how long operations take."""

import json
import math
from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.durations import PRIOR, Durations, expected, learned
from tests.domain.generated import quick

seconds_of_any_kind = st.lists(st.floats(), max_size=40)


def after(durations: Iterable[float], known: Durations = PRIOR) -> Durations:
    for seconds in durations:
        known = learned(known, seconds)
    return known


def around(median: float, spread: float, count: int, seed: int = 1) -> list[float]:
    """Return durations that differ by about `spread` (0.2: 20 %)."""
    random = Random(seed)  # noqa: S311 - draws, not secrets
    return [random.lognormvariate(math.log(median), spread) for _ in range(count)]


def median(known: Durations) -> float:
    return math.exp(known["mean"])


def test_before_anything_is_seen_the_documented_sample_is_expected() -> None:
    assert median(PRIOR) == pytest.approx(330)
    assert math.sqrt(PRIOR["variance"]) == pytest.approx(0.6)


@pytest.mark.parametrize("usual", [60, 330, 900])
@pytest.mark.parametrize("spread", [0.2, 0.35, 0.6, 1.0])
def test_twenty_operations_tell_how_long_they_take(usual: float, spread: float) -> None:
    learners = [after(around(usual, spread, 20, seed)) for seed in range(50)]
    medians = sorted(map(median, learners))
    spreads = sorted(expected(known).spread for known in learners)
    assert medians[25] == pytest.approx(usual, rel=0.05 + 0.1 * spread)
    assert spreads[25] == pytest.approx(spread, rel=0.25)


@pytest.mark.parametrize("odd", [1, 86_400, 1e-9, 1e300])
@pytest.mark.parametrize("spread", [0.2, 0.6])
def test_one_odd_operation_spoils_nothing(odd: float, spread: float) -> None:
    before = after(around(330, spread, 20))
    then = learned(before, odd)
    assert median(then) == pytest.approx(median(before), rel=0.15 * spread)
    assert expected(then).spread < 1.25 * expected(before).spread


@pytest.mark.parametrize("odd", [1, 86_400])
def test_an_odd_operation_as_the_first_of_all_is_got_over(odd: float) -> None:
    assert median(after([odd, *around(330, 0.2, 10)])) == pytest.approx(330, rel=0.25)


@pytest.mark.parametrize("usual", [60, 165, 1200, 3600])
@pytest.mark.parametrize("spread", [0.0, 0.2, 0.6])
def test_a_lasting_change_is_followed(usual: float, spread: float) -> None:
    changed = [after(around(usual, spread, 40, seed), after(around(330, spread, 100))) for seed in range(20)]
    medians = sorted(map(median, changed))
    assert medians[10] == pytest.approx(usual, rel=0.25)


def test_what_lies_far_back_fades() -> None:
    old = after(around(330, 0.35, 100))
    assert old["count"] <= 20
    recent = around(500, 0.35, 100, seed=2)
    assert median(after(recent, old)) == pytest.approx(median(after(recent)), rel=0.05)


def test_few_operations_are_trusted_less_than_many_alike() -> None:
    spreads = [expected({**PRIOR, "count": count}).spread for count in (0, 1, 5, 20)]
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[-1] > math.sqrt(PRIOR["variance"])


@quick
@given(seconds_of_any_kind, st.sampled_from([0.0, -0.0, -5.0, math.nan, math.inf, -math.inf]))
def test_what_is_no_duration_is_ignored(durations: list[float], nonsense: float) -> None:
    known = after(durations)
    assert learned(known, nonsense) == known


@quick
@given(st.builds(Durations, count=st.floats(), mean=st.floats(), variance=st.floats()), seconds_of_any_kind)
def test_whatever_is_seen_there_is_something_to_expect(known: Durations, durations: list[float]) -> None:
    distribution = expected(after(durations, known))
    assert 0 < distribution.at(-4) < distribution.at(4) < math.inf
    assert 0 < distribution.average < math.inf


@quick
@given(seconds_of_any_kind)
def test_it_survives_json_and_so_does_what_is_learned_next(durations: list[float]) -> None:
    known = after(durations)
    kept: Durations = json.loads(json.dumps(known, allow_nan=False))
    assert learned(kept, 327) == learned(known, 327)
