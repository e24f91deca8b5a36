"""A run's state, look after look, and through the durable history."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.next_look import next_look
from domain.observation import Observation
from domain.observed import observed
from domain.problem import problem
from tests.domain.generated import operations, quick
from tests.support.graph_samples import ALERT, ALERT_URL, LIMIT, OPERATION_ID, RUNNING, SUCCEEDED, asked

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def seen(operation: dict[str, Any]) -> Observation:
    return {"kind": "operation", "operation": operation, "retryAfter": None, "clientRequestId": "c-1"}


TROUBLE: Observation = {
    "kind": "tryAgain",
    "problem": problem("throttled", "Slow down."),
    "retryAfter": 10.0,
    "clientRequestId": "c-2",
}
FETCHED: Observation = {"kind": "alert", "alert": ALERT, "retryAfter": None, "clientRequestId": "c-3"}


@quick
@given(operations, st.integers(0, 10**6), st.sampled_from([None, "2026-01-31T12:00:00.000Z"]))
def test_the_history_gives_back_what_it_was_given(
    operation: dict[str, Any], polls: int, not_before: str | None
) -> None:
    run = observed(asked(NOW, polls=polls, notBefore=not_before, select=["id"], expand=["x"]), seen(operation))
    assert json.loads(json.dumps(run)) == run


def test_a_look_counts_and_shows_the_operation() -> None:
    run = observed(asked(NOW, polls=2, nextPollAt="2026-01-31T12:00:00.000Z"), seen(RUNNING))
    assert (run["polls"], run["operation"], run["nextPollAt"]) == (3, RUNNING, None)


def test_trouble_counts_in_a_row_and_keeps_what_was_seen() -> None:
    run = observed(observed(asked(NOW, operation=RUNNING), TROUBLE), TROUBLE)
    assert (run["failures"], run["polls"], run["operation"]) == (2, 2, RUNNING)
    assert observed(run, seen(SUCCEEDED))["failures"] == 0


def test_looks_at_the_alert_are_no_polls_of_the_operation() -> None:
    run = asked(NOW, phase="fetching", polls=4, operation=SUCCEEDED)
    assert observed(run, TROUBLE)["polls"] == 4
    assert observed(run, FETCHED)["polls"] == 4


def test_what_was_asked_never_changes() -> None:
    before = asked(NOW, select=["id"], notBefore="2026-01-31T12:00:00.000Z")
    after = observed(observed(before, TROUBLE), seen({"target": "x", "deadline": "x"}))
    asked_fields = ("target", "select", "expand", "notBefore", "createdAt", "deadline")
    assert [after[name] for name in asked_fields] == [before[name] for name in asked_fields]  # type: ignore[literal-required]


def test_a_waiting_run_looks_at_its_operation() -> None:
    assert next_look(asked(NOW)) == ("get_operation", {"operationId": OPERATION_ID})


@pytest.mark.parametrize("operation", [SUCCEEDED, {**SUCCEEDED, "@odata.new": 1}])
def test_a_fetching_run_looks_at_the_alert_as_asked(operation: dict[str, Any]) -> None:
    run = asked(NOW, phase="fetching", operation=operation, select=["id"], expand=["alertDefinition"])
    wanted = {"resourceLocation": ALERT_URL, "select": ["id"], "expand": ["alertDefinition"], "limit": LIMIT}
    assert next_look(run) == ("fetch_alert", wanted)
