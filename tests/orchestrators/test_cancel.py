"""A run that is told to end: at once, whatever it is doing, and not as a failure."""

import itertools
from datetime import timedelta

import pytest

from tests.orchestrators.looks import FETCHED, hub, looked_after, seen, trouble
from tests.support.graph_samples import RUNNING, SUCCEEDED, asked
from tests.support.virtual_time import START, VirtualTime

DUE = [due.total_seconds() for due in looked_after(asked(START), 18)]
"""Seconds until each look; after the sixteenth the run continues as new."""


def cancelled_after(seconds: float, **options: float) -> VirtualTime:
    return hub(
        itertools.repeat(seen(RUNNING)),
        events={"cancel": timedelta(seconds=seconds)},
        latency=timedelta(seconds=options.get("latency", 0)),
    ).run(asked(START), "a-run")


def assert_cancelled(time: VirtualTime) -> None:
    assert time.status == "COMPLETED", "no alert rule shall count it as a failure"
    assert time.output is None
    why = time.custom_statuses[-1]["problem"]
    assert why["type"].endswith(":run-cancelled")
    assert why["instance"] == "urn:uuid:a-run"
    time.replay()


def test_a_wait_ends_when_the_run_is_cancelled() -> None:
    seconds = DUE[1] + 1
    time = cancelled_after(seconds)

    assert_cancelled(time)
    assert time.now == START + timedelta(seconds=seconds)
    assert len(time.calls) == 2


def test_before_the_first_look() -> None:
    time = cancelled_after(0)

    assert_cancelled(time)
    assert len(time.calls) <= 1


def test_during_a_look() -> None:
    time = cancelled_after(5, latency=10)

    assert_cancelled(time)
    assert time.now == START + timedelta(seconds=10), "the look that is under way is not taken back"
    assert len(time.calls) == 1
    asked_for = [action.WhichOneof("orchestratorActionType") for _, step in time.steps for action in step.actions]
    assert "createTimer" not in asked_for, "no timer is left behind"


@pytest.mark.parametrize("seconds", [due + offset for due in DUE[14:] for offset in (0, 1, 29)])
def test_at_a_continue_as_new(seconds: float) -> None:
    time = cancelled_after(seconds)

    assert_cancelled(time)
    assert time.now <= START + timedelta(seconds=seconds + asked(START)["pollMaxSeconds"])


def test_while_graph_has_trouble() -> None:
    time = hub(itertools.repeat(trouble("throttled", 315.0)), events={"cancel": timedelta(seconds=20)})

    assert_cancelled(time.run(asked(START), "a-run"))
    assert time.now == START + timedelta(seconds=20)


def test_between_the_operation_and_the_alert() -> None:
    time = hub([seen(SUCCEEDED)], events={"cancel": timedelta(seconds=5)}, latency=timedelta(seconds=10))

    assert_cancelled(time.run(asked(START), "a-run"))
    assert [name for _, name, _ in time.calls] == ["get_operation"]


def test_an_alert_that_is_there_already_stands() -> None:
    time = hub([seen(SUCCEEDED)], [FETCHED], events={"cancel": timedelta(seconds=15)}, latency=timedelta(seconds=10))

    assert time.run(asked(START)).status == "COMPLETED"
    assert time.output["alert"] == FETCHED["alert"]
    assert time.custom_statuses[-1]["problem"] is None


@pytest.mark.parametrize("seconds", [0, 5, 9, 10, 11, 15, 19, 20, 21, 30])
def test_what_is_delivered_is_what_the_document_says(seconds: float) -> None:
    """The operation is polled by second 10, the alert is fetched by second 20."""
    time = hub(
        [seen(SUCCEEDED)],
        [FETCHED],
        events={"cancel": timedelta(seconds=seconds)},
        latency=timedelta(seconds=10),
    ).run(asked(START, callbackUrl="https://prod-00.westeurope.logic.azure.com/x?sig=s"))

    [(_, _, delivery)] = time.children
    problem = time.custom_statuses[-1]["problem"]
    cancelled = [status for status in time.custom_statuses if status["problem"]]
    assert delivery["post"]["body"] == (time.output if problem is None else problem)
    assert bool(cancelled) == (problem is not None), "a document that said cancelled goes on saying so"
