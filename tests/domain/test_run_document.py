"""The run document for every state that a durable instance can be in."""

import json
from copy import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from durabletask.client import OrchestrationStatus

from domain.custom_status import custom_status
from domain.delivery import DeliveryStatus
from domain.instance import STATES, Instance, is_alive, problem_of, state_of
from domain.problem import PREFIX, Problem, ProblemName, of_run, problem
from domain.run_document import Links, run_document
from tests.support.graph_samples import OPERATION_ID, RUNNING, SUCCEEDED, asked

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
UPDATED = datetime(2026, 1, 31, 12, 5, 0, 250_000, tzinfo=UTC)
LINKS: Links = {"self": "s", "result": "r", "cancel": "c"}
NEXT = "2026-01-31T12:05:30.000Z"


def shown(why: ProblemName | None = None, **changes: Any) -> dict[str, Any]:
    status = custom_status(asked(NOW, polls=3, operation=RUNNING, nextPollAt=NEXT, **changes))
    return {**status, "problem": of_run(problem(why, "So it is."), "run-1") if why else None}


def instance(status: str, custom: dict[str, Any]) -> Instance:
    return Instance("run-1", status, asked(NOW), custom, None, UPDATED)


@pytest.mark.parametrize(
    ("status", "custom", "state", "why"),
    [
        ("PENDING", {}, "queued", None),
        ("RUNNING", {}, "queued", None),
        ("RUNNING", shown(), "waiting", None),
        ("RUNNING", shown(phase="fetching"), "fetching", None),
        ("PENDING", shown(), "waiting", None),
        ("CONTINUED_AS_NEW", shown(), "waiting", None),
        ("SUSPENDED", shown(), "waiting", None),
        ("COMPLETED", shown(phase="fetching"), "succeeded", None),
        ("FAILED", shown("operation-failed"), "failed", "operation-failed"),
        ("FAILED", shown("timed-out"), "timedOut", "timed-out"),
        ("FAILED", shown(), "failed", "internal-error"),
        ("FAILED", {}, "failed", "internal-error"),
        ("COMPLETED", shown("run-cancelled"), "cancelled", "run-cancelled"),
        ("TERMINATED", shown(), "cancelled", "run-cancelled"),
        ("TERMINATED", {}, "cancelled", "run-cancelled"),
        ("CANCELED", shown(), "cancelled", "run-cancelled"),
    ],
)
def test_state_and_problem(status: str, custom: dict[str, Any], state: str, why: str | None) -> None:
    document = run_document(instance(status, custom), None, LINKS)
    assert document["state"] == state
    assert _name(document["problem"]) == why
    assert document["problem"] is None or document["problem"]["instance"] == "urn:uuid:run-1"


def _name(why: Problem | None) -> str | None:
    return why["type"].removeprefix(PREFIX) if why else None


def test_the_document_of_a_waiting_run() -> None:
    assert run_document(instance("RUNNING", shown()), None, LINKS) == {
        "id": "run-1",
        "state": "waiting",
        "target": {"operationId": OPERATION_ID},
        "createdAt": "2026-01-31T12:00:00.000Z",
        "updatedAt": "2026-01-31T12:05:00.250Z",
        "deadline": "2026-01-31T13:00:00.000Z",
        "polls": 3,
        "nextPollAt": NEXT,
        "operation": RUNNING,
        "problem": None,
        "callback": None,
        "links": LINKS,
    }


def test_after_a_continue_as_new_the_input_tells_what_the_status_does_not() -> None:
    carried = replace(instance("PENDING", {}), run=asked(NOW, polls=16, operation=SUCCEEDED))
    document = run_document(carried, None, LINKS)
    assert (document["polls"], document["operation"]) == (16, SUCCEEDED)


@pytest.mark.parametrize("status", [status for status, state in STATES.items() if state])
def test_a_run_that_is_over_plans_no_look(status: str) -> None:
    assert run_document(instance(status, shown()), None, LINKS)["nextPollAt"] is None
    assert not is_alive(instance(status, shown()))


def test_a_fault_of_the_app_names_the_run_to_look_for() -> None:
    why = problem_of(instance("FAILED", {}))
    assert why is not None
    assert "run-1" in why["detail"]


@pytest.mark.parametrize("status", [status.name for status in OrchestrationStatus])
def test_every_durable_status_has_a_state(status: str) -> None:
    assert state_of(instance(status, {})) in {"queued", "succeeded", "failed", "cancelled"}


SECRET = "https://prod-07.westeurope.logic.azure.com:443/workflows/w/runs/r?sig=top-secret"
NO_ATTEMPT = {"attempts": 0, "nextAttemptAt": None}
DELIVERED: DeliveryStatus = {"state": "delivered", "attempts": 2, "nextAttemptAt": None, "detail": "HTTP 200."}


@pytest.mark.parametrize(
    ("status", "delivery", "shown"),
    [
        ("PENDING", None, {"state": "pending", **NO_ATTEMPT, "detail": None}),
        ("RUNNING", None, {"state": "pending", **NO_ATTEMPT, "detail": None}),
        ("COMPLETED", None, {"state": "pending", **NO_ATTEMPT, "detail": None}),
        ("COMPLETED", DELIVERED, DELIVERED),
        ("FAILED", DELIVERED, DELIVERED),
    ],
)
def test_of_a_callback_the_host_is_shown_and_how_far_the_outcome_is(
    status: str, delivery: DeliveryStatus | None, shown: dict[str, Any]
) -> None:
    called_back = replace(instance(status, {}), run=asked(NOW, callbackUrl=SECRET))
    document = run_document(called_back, delivery, LINKS)
    assert document["callback"] == {"host": "prod-07.westeurope.logic.azure.com", **shown}
    assert "secret" not in json.dumps(document)


def test_a_run_that_an_operator_terminated_says_that_nobody_was_called() -> None:
    callback = run_document(replace(instance("TERMINATED", {}), run=asked(NOW, callbackUrl=SECRET)), None, LINKS)[
        "callback"
    ]
    assert callback is not None
    assert callback["state"] == "failed"
    assert "management API" in str(callback["detail"])
