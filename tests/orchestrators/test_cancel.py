"""A run that is cancelled ends at once, whatever it is doing, and not as a failure."""

from datetime import timedelta
from itertools import repeat
from typing import Any

import pytest

from tests.orchestrators.hub import FETCHED, fault, hub, polled, run
from tests.support.graph_samples import RUN_ID, RUNNING, SUCCEEDED, make_sample_run
from tests.support.virtual_time import START

CALLBACK = "https://prod-00.westeurope.logic.azure.com/x?sig=s"
RUNS, DONE = polled(RUNNING), polled(SUCCEEDED)


@pytest.mark.parametrize(
    ("answer", "seconds", "latency", "polls", "end"),
    [
        pytest.param(RUNS, 7, 0, 2, 7, id="in a wait"),
        pytest.param(RUNS, 0, 0, 1, 0, id="as it begins"),
        pytest.param(RUNS, 5, 10, 1, 10, id="in a poll, which is not taken back"),
        pytest.param(DONE, 5, 10, 1, 10, id="between the operation and the alert"),
        pytest.param(fault("throttled", 315.0), 20, 0, 1, 20, id="while Graph is busy"),
        pytest.param(fault("throttled", 7200.0), 20, 0, 1, 20, id="while Graph is busy past the deadline"),
        # After twelve polls, at second 55, a new history begins at second 60.
        *((RUNS, at, 0, at // 5 + 1, at) for at in (54, 55, 56, 59, 60, 61, 64, 65)),
    ],
)
def test_a_cancelled_run_ends_at_once_and_is_no_failure(
    answer: Any, seconds: float, latency: float, polls: int, end: float
) -> None:
    events = {"cancel": timedelta(seconds=seconds)}
    time = run(hub(repeat(answer), events=events, latency=timedelta(seconds=latency)), make_sample_run(START))

    assert (time.status, time.output) == ("COMPLETED", None), "no alert rule must count it as a failure"
    problem = time.custom_statuses[-1]["problem"]
    assert problem["type"].endswith(":run-cancelled")
    assert problem["instance"] == f"urn:uuid:{RUN_ID}"
    assert time.now == START + timedelta(seconds=end)
    assert len(time.calls) == polls, "nothing more is asked"
    last = [action.WhichOneof("orchestratorActionType") for action in time.steps[-1][1].actions]
    assert last == ["completeOrchestration"], "no timer is left behind"
    time.replay()


@pytest.mark.parametrize("seconds", [0, 5, 9, 10, 11, 15, 19, 20, 21, 30])
def test_what_is_delivered_is_what_the_document_says(seconds: float) -> None:
    """The operation is polled by second 10, the alert is fetched by second 20."""
    time = hub([DONE], [FETCHED], events={"cancel": timedelta(seconds=seconds)}, latency=timedelta(0, 10))
    run(time, make_sample_run(START, callback_url=CALLBACK))

    [(_, _, delivery)] = time.children
    problem = time.custom_statuses[-1]["problem"]
    assert delivery["post"]["body"] == (time.output if problem is None else problem)
    assert (problem is None) == (seconds >= 10), "what ends the run anyway stands"
    assert bool([status for status in time.custom_statuses if status["problem"]]) == (problem is not None)
