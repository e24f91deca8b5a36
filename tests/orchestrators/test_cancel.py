"""A run that is cancelled ends at once, whatever it is doing, and not as a failure."""

import itertools
from datetime import timedelta

import pytest

from tests.orchestrators.hub import FETCHED, fault, hub, polled, run
from tests.support.graph_samples import RUN_ID, RUNNING, SUCCEEDED, make_sample_run
from tests.support.virtual_time import START, VirtualTime

CALLBACK = "https://prod-00.westeurope.logic.azure.com/x?sig=s"


def cancel_after(seconds: float, *, latency: float = 0) -> VirtualTime:
    time = hub(
        itertools.repeat(polled(RUNNING)),
        events={"cancel": timedelta(seconds=seconds)},
        latency=timedelta(seconds=latency),
    )
    return run(time, make_sample_run(START))


def assert_cancelled(time: VirtualTime) -> None:
    assert time.status == "COMPLETED", "no alert rule must count it as a failure"
    assert time.output is None
    problem = time.custom_statuses[-1]["problem"]
    assert problem["type"].endswith(":run-cancelled")
    assert problem["instance"] == f"urn:uuid:{RUN_ID}"
    time.replay()


def test_a_wait_ends_when_the_run_is_cancelled() -> None:
    time = cancel_after(7)

    assert_cancelled(time)
    assert time.now == START + timedelta(seconds=7)
    assert len(time.calls) == 2, "nothing more is asked"


def test_before_the_first_poll() -> None:
    time = cancel_after(0)

    assert_cancelled(time)
    assert len(time.calls) <= 1


def test_during_a_poll() -> None:
    time = cancel_after(5, latency=10)

    assert_cancelled(time)
    assert time.now == START + timedelta(seconds=10), "the poll in hand is not taken back"
    actions = [action.WhichOneof("orchestratorActionType") for _, step in time.steps for action in step.actions]
    assert "createTimer" not in actions, "no timer is left behind"


@pytest.mark.parametrize("seconds", [54, 55, 56, 59, 60, 61, 64, 65])
def test_at_a_continue_as_new(seconds: float) -> None:
    """After twelve polls, at second 55, a new history begins at second 60."""
    time = cancel_after(seconds)

    assert_cancelled(time)
    assert time.now <= START + timedelta(seconds=seconds + 5)


@pytest.mark.parametrize("retry_after", [315.0, 7200.0], ids=["waiting", "expiring"])
def test_while_graph_is_busy(retry_after: float) -> None:
    time = hub(itertools.repeat(fault("throttled", retry_after)), events={"cancel": timedelta(seconds=20)})

    assert_cancelled(run(time, make_sample_run(START)))
    assert time.now == START + timedelta(seconds=20)


def test_between_the_operation_and_the_alert() -> None:
    time = hub([polled(SUCCEEDED)], events={"cancel": timedelta(seconds=5)}, latency=timedelta(seconds=10))

    assert_cancelled(run(time, make_sample_run(START)))
    assert [name for _, name, _ in time.calls] == ["get_operation"]


@pytest.mark.parametrize("seconds", [0, 5, 9, 10, 11, 15, 19, 20, 21, 30])
def test_what_is_delivered_is_what_the_document_says(seconds: float) -> None:
    """The operation is polled by second 10, the alert is fetched by second 20."""
    time = hub([polled(SUCCEEDED)], [FETCHED], events={"cancel": timedelta(seconds=seconds)}, latency=timedelta(0, 10))
    run(time, make_sample_run(START, callback_url=CALLBACK))

    [(_, _, delivery)] = time.children
    problem = time.custom_statuses[-1]["problem"]
    assert delivery["post"]["body"] == (time.output if problem is None else problem)
    assert (problem is None) == (seconds >= 10), "what ends the run anyway stands"
    assert bool([status for status in time.custom_statuses if status["problem"]]) == (problem is not None)
