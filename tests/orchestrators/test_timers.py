"""A timer of the task hub may fire up to a second early or some seconds late: neither changes what a run does."""

import itertools
from datetime import timedelta

import pytest

from tests.orchestrators.hub import fault, hub, list_moments, polled, run
from tests.support.graph_samples import RUNNING, SUCCEEDED, make_sample_run
from tests.support.virtual_time import START

EARLY = [timedelta(seconds=seconds) for seconds in (0.016, 0.34, 0.96, 1)]
LATE = timedelta(seconds=13)


@pytest.mark.parametrize("early", EARLY)
def test_a_poll_is_never_early_and_never_repeated(early: timedelta) -> None:
    state = make_sample_run(START, seconds=600, poll_min_seconds=30.0, poll_max_seconds=30.0)
    time = run(hub(itertools.repeat(polled(RUNNING)), early=early), state)

    moments = list_moments(time, "get_operation")
    waits = [later - before for before, later in itertools.pairwise(moments[:-1])]
    assert all(timedelta(seconds=30) <= wait <= timedelta(seconds=32) for wait in waits)
    assert 17 <= len(waits) <= 19, "the last wait ends at the deadline"


@pytest.mark.parametrize("early", EARLY)
def test_a_retry_after_is_never_cut_down(early: timedelta) -> None:
    time = run(
        hub([fault("throttled", 5.0), polled(RUNNING, 7.3), polled(SUCCEEDED)], early=early), make_sample_run(START)
    )

    first, second, third = list_moments(time, "get_operation")
    assert second - first >= timedelta(seconds=5)
    assert third - second >= timedelta(seconds=7.3)
    time.replay()


@pytest.mark.parametrize("early", EARLY)
def test_near_the_deadline_a_run_does_not_poll_again_and_again(early: timedelta) -> None:
    time = run(hub(itertools.repeat(polled(RUNNING)), early=early), make_sample_run(START, seconds=5.4))

    assert len(list_moments(time, "get_operation")) <= 3
    assert time.custom_statuses[-1]["problem"]["type"].endswith(":timed-out")


def test_a_late_timer_costs_its_lateness_and_nothing_else() -> None:
    operations = [polled(RUNNING), polled(RUNNING), polled(SUCCEEDED)]
    exact = run(hub(operations), make_sample_run(START))

    late = run(hub(operations, late=LATE), make_sample_run(START))

    assert late.output == exact.output
    assert list_moments(late, "get_operation")[1] == list_moments(exact, "get_operation")[1] + LATE


def test_what_is_found_after_the_deadline_is_a_success() -> None:
    time = run(hub([polled(RUNNING), polled(SUCCEEDED)], late=LATE), make_sample_run(START, seconds=12))

    assert list_moments(time, "get_operation")[-1] > timedelta(seconds=12)
    assert time.status == "COMPLETED"
