"""A timer of the task hub may fire up to a second early or some seconds late: neither changes what a run does."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from tests.orchestrators.looks import hub, refreshed, seen, trouble
from tests.support.graph_samples import ALERT_ID, RUNNING, SUCCEEDED, asked
from tests.support.virtual_time import START, VirtualTime

EARLY = [timedelta(seconds=seconds) for seconds in (0.016, 0.34, 0.96, 1)]
LATE = timedelta(seconds=13)
REQUESTED = "2023-06-09T22:50:40.000Z"


def moments(time: VirtualTime) -> list[timedelta]:
    return [at - START for at, name, _ in time.calls if name == "get_operation"]


def never_ending(early: timedelta) -> list[timedelta]:
    """Return when a run of ten minutes polls an operation that goes on."""
    return moments(hub(itertools.repeat(seen(RUNNING)), early=early).run(asked(START, seconds=600)))


@pytest.mark.parametrize("early", EARLY)
def test_a_poll_is_never_early_and_never_repeated(early: timedelta) -> None:
    waits = [later - before for before, later in itertools.pairwise(never_ending(early))]
    planned = [later - before for before, later in itertools.pairwise(never_ending(timedelta(0)))]

    assert len(waits) <= len(planned)
    assert all(wait >= plan for wait, plan in zip(waits[:5], planned, strict=False))
    assert sum(waits, timedelta(0)) <= sum(planned[: len(waits)], timedelta(0)) + len(waits) * timedelta(seconds=2)


@pytest.mark.parametrize("early", EARLY)
def test_a_retry_after_is_never_cut_down(early: timedelta) -> None:
    time = hub([trouble("throttled", 5.0), seen(RUNNING, 7.3), seen(SUCCEEDED)], early=early).run(asked(START))

    first, second, third = moments(time)
    assert second - first >= timedelta(seconds=5)
    assert third - second >= timedelta(seconds=7.3)
    time.replay()


@pytest.mark.parametrize("early", EARLY)
def test_near_the_deadline_a_run_does_not_poll_again_and_again(early: timedelta) -> None:
    time = hub(itertools.repeat(seen(RUNNING)), early=early).run(asked(START, seconds=5.4))

    assert len(moments(time)) == 2
    assert time.custom_statuses[-1]["problem"]["type"].endswith(":timed-out")


def test_a_late_timer_costs_its_lateness_and_nothing_else() -> None:
    operations = [seen(RUNNING), seen(RUNNING), seen(SUCCEEDED)]
    exact = hub(operations).run(asked(START))

    late = hub(operations, late=LATE).run(asked(START))

    assert late.output == exact.output
    assert moments(late)[1] == moments(exact)[1] + LATE


def test_what_is_found_after_the_deadline_is_a_success() -> None:
    time = hub([seen(RUNNING), seen(SUCCEEDED)], late=LATE).run(asked(START, seconds=20))

    assert moments(time)[-1] > timedelta(seconds=20)
    assert time.status == "COMPLETED"


@pytest.mark.parametrize("timing", [{"early": EARLY[2]}, {"late": LATE}], ids=["early", "late"])
def test_a_refresh_ends_well(timing: dict[str, Any]) -> None:
    since = {**SUCCEEDED, "lastActionDateTime": "2023-06-09T22:51:00Z"}
    run = asked(START, target={"alertId": ALERT_ID}, phase="refreshing", operationId=None)

    time = hub([seen(RUNNING), seen(since)], refreshes=[refreshed(REQUESTED)], **timing).run(run)

    assert time.status == "COMPLETED"
    assert time.output["fresh"] is True
    time.replay()
