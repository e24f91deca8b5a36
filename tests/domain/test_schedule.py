"""When to look next."""

import math
from itertools import pairwise
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import schedule
from domain.durations import PRIOR, Durations, expected, learned
from domain.inspection import cost_for
from tests.domain.generated import quick

bounds = st.tuples(st.floats(0.1, 3600), st.floats(0.1, 3600)).map(sorted)
failures = st.integers(1, 10**6)
likely = st.builds(Durations, count=st.floats(0, 20), mean=st.floats(0, 12), variance=st.floats(0, 2))
anything = likely | st.builds(Durations, count=st.floats(), mean=st.floats(), variance=st.floats())

REGULAR: Durations = {"count": 20.0, "mean": math.log(330), "variance": 0.2**2}
SHORT: Durations = {**REGULAR, "mean": math.log(60)}


def looks(known: Durations, until: float, shortest: float = 5, longest: float = 60) -> list[float]:
    """Return the seconds of all looks up to the one that sees an operation end at `until`."""
    moments = [schedule.while_running(0, known, shortest, longest)]
    while moments[-1] < until:
        moments.append(moments[-1] + schedule.while_running(moments[-1], known, shortest, longest))
    return moments


def first_end(known: Durations) -> float:
    """Return the seconds after which 1 operation in 100 is expected to have ended."""
    return expected(known).at(NormalDist().inv_cdf(0.01))


@quick
@given(st.floats(), anything, bounds)
def test_the_wait_is_never_shorter_than_the_settings_say(elapsed: float, known: Durations, limits: list[float]) -> None:
    assert limits[0] <= schedule.while_running(elapsed, known, *limits)


@quick
@given(st.floats(0, 10), anything, bounds)
def test_once_an_operation_may_have_ended_the_wait_is_never_longer_than_the_settings_say(
    later: float, known: Durations, limits: list[float]
) -> None:
    elapsed = first_end(known) * (1 + later)
    assert schedule.while_running(elapsed, known, *limits) <= limits[1]


@quick
@given(st.floats(0, 1), anything, bounds)
def test_a_longer_wait_is_over_before_an_operation_may_have_ended(
    share: float, known: Durations, limits: list[float]
) -> None:
    elapsed = first_end(known) * share
    wait = schedule.while_running(elapsed, known, *limits)
    assert wait <= limits[1] or elapsed + wait <= first_end(known)


@quick
@given(st.floats(), bounds)
def test_before_anything_is_seen_every_wait_keeps_to_the_settings(elapsed: float, limits: list[float]) -> None:
    shortest, longest = limits
    assert shortest <= schedule.while_running(elapsed, PRIOR, shortest, longest) <= longest


@quick
@given(st.floats(-1e6, 1e6), st.lists(st.floats(), max_size=30), bounds)
def test_a_replay_waits_the_same_while_it_runs(elapsed: float, durations: list[float], limits: list[float]) -> None:
    known = PRIOR
    for seconds in durations:
        known = learned(known, seconds)
    first = schedule.while_running(elapsed, known, *limits)
    cost_for.cache_clear()
    assert schedule.while_running(elapsed, known, *limits) == first


@quick
@given(st.floats(-1e9, 0) | st.sampled_from([math.nan, -math.inf]))
def test_an_operation_that_is_yet_to_begin_is_waited_for_as_one_that_begins(elapsed: float) -> None:
    first = schedule.while_running(0, SHORT, 5, 60)
    assert first < 60
    assert schedule.while_running(elapsed, SHORT, 5, 60) == first


def test_nobody_looks_before_an_operation_can_have_ended() -> None:
    assert looks(PRIOR, 60) == [60]
    assert looks(REGULAR, 60) == [pytest.approx(first_end(REGULAR), rel=0.01)]


def test_a_look_that_came_early_changes_nothing_of_when_the_first_end_is_awaited() -> None:
    first = schedule.while_running(0, REGULAR, 5, 60)
    assert 30 + schedule.while_running(30, REGULAR, 5, 60) == pytest.approx(first)


@pytest.mark.parametrize("seconds", [1, 5, 10, 20])
def test_an_operation_that_is_shorter_than_the_interval_is_looked_at_when_it_has_ended(seconds: float) -> None:
    known: Durations = {**REGULAR, "mean": math.log(seconds)}
    assert len(looks(known, seconds)) == 1
    assert schedule.while_running(0, known, 5, 60) < max(6, 1.5 * seconds)


def test_looks_are_closest_where_operations_end() -> None:
    waits = {round(moment): after - moment for moment, after in pairwise(looks(REGULAR, 3600))}
    usual = [wait for moment, wait in waits.items() if 300 <= moment <= 450]
    assert max(usual) < 15
    assert all(wait > max(usual) for moment, wait in waits.items() if not 220 <= moment <= 2 * 330)


@pytest.mark.parametrize("known", [PRIOR, REGULAR, SHORT])
@pytest.mark.parametrize("elapsed", [6 * 3600, 86_400, 1e15, math.inf])
def test_an_operation_that_outlasts_all_others_is_looked_at_as_seldom_as_may_be(
    known: Durations, elapsed: float
) -> None:
    assert schedule.while_running(elapsed, known, 5, 60) == 60


def test_a_long_scan_of_a_regular_kind_is_soon_let_be() -> None:
    assert schedule.while_running(3 * 330, REGULAR, 5, 60) == 60


@pytest.mark.parametrize("seconds", [60, 330, 900])
def test_what_was_learned_sees_the_end_sooner_and_looks_no_oftener(seconds: float) -> None:
    known: Durations = {**REGULAR, "mean": math.log(seconds)}
    ends = [seconds * math.exp(0.2 * deviations / 10) for deviations in range(-15, 16)]
    found = [looks(known, end) for end in ends]
    even = [math.ceil(end / 30) for end in ends]
    assert sum(map(len, found)) <= sum(even)
    lag = sum(moments[-1] - end for moments, end in zip(found, ends, strict=True))
    assert lag < 0.6 * sum(30 * count - end for count, end in zip(even, ends, strict=True))


@pytest.mark.parametrize("limit", [0.1, 10, 30, 45, 3600])
def test_settings_that_leave_no_choice(limit: float) -> None:
    assert {schedule.while_running(elapsed, PRIOR, limit, limit) for elapsed in (0, 300, 3000)} == {limit}


@pytest.mark.parametrize(("count", "seconds"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (6, 60), (10_000, 60)])
def test_trouble_doubles_the_wait_up_to_the_longest(count: int, seconds: float) -> None:
    waited = schedule.after_trouble(count, 5, 60, seed="run")
    assert seconds <= waited <= seconds * (1 + schedule.SPREAD)


@quick
@given(failures, bounds, st.text())
def test_jitter_only_adds_and_only_its_share(count: int, limits: list[float], seed: str) -> None:
    shortest, longest = limits
    plain = min(shortest * 2.0 ** min(count - 1, 30), longest)
    waited = schedule.after_trouble(count, shortest, longest, seed=seed)
    assert plain <= waited <= plain * (1 + schedule.SPREAD)


@quick
@given(failures, bounds, st.text())
def test_a_replay_waits_the_same(count: int, limits: list[float], seed: str) -> None:
    first, again = (schedule.after_trouble(count, *limits, seed=seed) for _ in range(2))
    assert first == again


def test_runs_that_met_the_same_trouble_come_back_apart() -> None:
    waits = {schedule.after_trouble(1, 60, 60, seed=f"run {number}") for number in range(100)}
    assert len(waits) == 100
    assert max(waits) - min(waits) > 60 * schedule.SPREAD / 2
