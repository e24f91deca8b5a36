"""A run out of what the task hub tells: backends differ in what they keep of one that failed."""

import json
from datetime import UTC, datetime

import pytest
from domain.instance import problem_of, state_of
from domain.problem import problem
from durabletask.client import OrchestrationState, OrchestrationStatus
from triggers.run_of import run_of

from tests.support.graph_samples import asked

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
RUN_ID = "ca5bbd26-6bb3-55ab-8a04-8b60eba7c6ab"


@pytest.mark.parametrize("output", [None, "null", "The deadline passed. After 11 looks: …", '"text"', "RunFailed: {"])
def test_a_run_that_failed_is_one_whatever_the_hub_keeps_as_its_output(output: str | None) -> None:
    why = problem("timed-out", "After 11 looks.")
    custom_status = json.dumps({"problem": why})
    state = OrchestrationState(
        RUN_ID,
        "await_alert",
        OrchestrationStatus.FAILED,
        NOW,
        NOW,
        json.dumps(asked(NOW)),
        output,
        custom_status,
        None,
    )
    run = run_of(state)

    assert run is not None
    assert run.result is None
    assert state_of(run) == "timedOut"
    assert problem_of(run) == why
