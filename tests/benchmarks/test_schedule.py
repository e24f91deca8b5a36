"""The arithmetic of the bench: looks, lag, and the bound that no schedule goes below."""

import math

import pytest
from domain.durations import Durations
from domain.log_normal import LogNormal

from benchmarks.schedule.optimum import Optimum
from benchmarks.schedule.simulation import durations, every, growing, ours, outcome

REGULAR = LogNormal(math.log(60), 0.2)


@pytest.fixture(scope="module")
def optimum() -> Optimum:
    return Optimum(REGULAR, 5, 60)


def test_the_look_that_sees_the_end_counts() -> None:
    seen = outcome([every(30)], [10, 30, 31, 100])
    assert seen.mean_calls == (1 + 1 + 2 + 4) / 4
    assert seen.mean_lag == (20 + 0 + 29 + 20) / 4
    assert seen.p95_lag == 29


def test_a_growing_wait_stops_growing() -> None:
    looks = growing(5, 2, 15)
    assert [next(looks) for _ in range(5)] == [5, 15, 30, 45, 60]


def test_durations_are_of_their_distribution() -> None:
    ends = durations(REGULAR)
    assert ends == sorted(ends)
    assert sum(ends) / len(ends) == pytest.approx(REGULAR.average, rel=1e-3)


@pytest.mark.parametrize("seconds", [5, 10, 20, 30, 60])
def test_no_even_looks_are_better_than_the_optimum(optimum: Optimum, seconds: float) -> None:
    even = outcome([every(seconds)], durations(REGULAR))
    assert optimum.least_lag(even.mean_calls) < even.mean_lag


def test_a_schedule_that_knows_the_distribution_comes_near_the_optimum(optimum: Optimum) -> None:
    known: Durations = {"count": 20.0, "mean": REGULAR.mean, "variance": REGULAR.spread**2}
    seen = outcome([ours(known)], durations(REGULAR))
    assert 0.99 < seen.mean_lag / optimum.least_lag(seen.mean_calls) < 1.1


def test_the_optimum_with_no_choice_is_what_even_looks_cost() -> None:
    early = LogNormal(math.log(60), 0.6)
    even = outcome([every(30)], durations(early))
    bound = Optimum(early, 30, 30)
    assert bound.least_lag(even.mean_calls) == pytest.approx(even.mean_lag, rel=0.01)


def test_the_optimum_may_wait_for_the_first_end_whatever_the_limits_are() -> None:
    even = outcome([every(10)], durations(REGULAR))
    assert Optimum(REGULAR, 5, 10).least_lag(even.mean_calls) < 0.6 * even.mean_lag
