"""When Graph is asked again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_refresh.run.polling import SPREAD, back_off, fit, poll_interval
from tests.support.generated import quick


@pytest.mark.parametrize(
    ("elapsed", "seconds"), [(0, 15), (-5, 15), (300, 15), (301, 15.05), (600, 30), (1200, 60), (86_400, 60)]
)
def test_the_interval_grows_with_the_scan(elapsed: float, seconds: float) -> None:
    assert poll_interval(elapsed, 15, 60) == pytest.approx(seconds)


@pytest.mark.parametrize(("failures", "seconds"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (6, 60), (10**6, 60)])
@given(seed=st.text())
@quick
def test_a_failure_doubles_the_wait_and_jitter_only_adds_to_it(failures: int, seconds: float, seed: str) -> None:
    wait = back_off(failures, 5, 60, seed=seed)
    assert seconds <= wait <= seconds * (1 + SPREAD)
    assert wait == back_off(failures, 5, 60, seed=seed), "a replay must wait the same"


def test_runs_that_met_the_same_fault_come_back_apart() -> None:
    waits = {back_off(1, 60, 60, seed=f"run {number}") for number in range(100)}
    assert len(waits) == 100
    assert max(waits) - min(waits) > 60 * SPREAD / 2


@pytest.mark.parametrize(
    ("seconds", "at_least", "remaining", "expected"),
    [
        (15, 0, 3600, 15),
        (15.05, 0, 3600, 16),
        (0, 0, 3600, 1),
        (15, 315, 3600, 315),
        (15, 0, 10, 10),
        (15, 0, 0.3, 1),
        (15, 60.1, 60, None),
        (15, 0, 0, None),
    ],
)
def test_a_wait_fits_between_retry_after_and_the_deadline(
    seconds: float, at_least: float, remaining: float, expected: float | None
) -> None:
    assert fit(seconds, at_least, remaining) == expected
