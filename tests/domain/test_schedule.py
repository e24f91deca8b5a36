"""When to look next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import schedule
from tests.domain.generated import quick

bounds = st.tuples(st.floats(0.1, 3600), st.floats(0.1, 3600)).map(sorted)
failures = st.integers(1, 10**6)


@pytest.mark.parametrize(
    ("shortest", "longest", "seconds"), [(5, 60, 30), (0.1, 10, 10), (45, 60, 45), (30, 30, 30), (0.1, 3600, 30)]
)
def test_half_a_minute_within_the_settings(shortest: float, longest: float, seconds: float) -> None:
    assert schedule.while_running(shortest, longest) == seconds


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
