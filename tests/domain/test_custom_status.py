"""The custom status fits into the smallest task hub, whatever Graph sends: too large a one would fail the run."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.custom_status import LIMIT, custom_status
from domain.decision import decide
from domain.observation import Observation
from domain.observed import observed
from domain.problem import problem
from domain.run_progress import moved_on
from tests.domain.generated import json_values, operations, quick
from tests.support.graph_samples import RUNNING, SUCCEEDED, asked

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
HUGE = "警" * 20_000
HUGER = "😀" * 20_000
"""JSON writes each as twelve characters."""


def shown(observation: Observation) -> dict[str, Any]:
    run = observed(asked(NOW), observation)
    decision = decide(observation, run, NOW)
    return custom_status(moved_on(run, decision, NOW), decision.problem)


def seen(operation: dict[str, Any]) -> Observation:
    return {"kind": "operation", "operation": operation, "retryAfter": None, "clientRequestId": "c-1"}


def size(status: dict[str, Any]) -> int:
    return len(json.dumps(status))


@quick
@given(operations, st.sampled_from(["", HUGE, HUGER]), st.dictionaries(st.text(), json_values))
@example({**RUNNING, "status": "failed"}, HUGE, {"new": [HUGE]})
@example({**RUNNING, "status": "failed"}, HUGER, {})
def test_it_fits_whatever_the_operation_holds(sent: dict[str, Any], much: str, more: dict[str, Any]) -> None:
    longer = {name: value + much if isinstance(value, str) else value for name, value in sent.items()}
    assert size(shown(seen({**more, **longer, "statusDetail": much, much: much}))) <= LIMIT


@pytest.mark.parametrize("much", [HUGE, HUGER, "\x00" * 20_000, '"' * 20_000])
@pytest.mark.parametrize("kind", ["tryAgain", "problem"])
def test_it_fits_whatever_the_problem_holds(kind: Any, much: str) -> None:
    why = problem("permission-missing", much)
    why["graph"] = {"status": 403, "code": much, "message": much, "requestId": much, "clientRequestId": "c-1"}
    assert size(shown({"kind": kind, "problem": why, "retryAfter": None, "clientRequestId": "c-1"})) <= LIMIT


def test_what_fits_is_shown_as_graph_sent_it() -> None:
    sent = {**RUNNING, "statusDetail": "x" * 1000, "new": {"a": [1]}}
    assert shown(seen(sent))["operation"] == sent


def test_what_does_not_fit_is_shown_in_short() -> None:
    sent = {**RUNNING, "status": "failed", "statusDetail": HUGE, "new": HUGE}
    status = shown(seen(sent))
    assert status["operationStatus"] == "failed"
    assert status["operation"]["id"] == RUNNING["id"]
    assert status["operation"]["statusDetail"].startswith("警")
    assert "new" not in status["operation"]
    assert status["problem"]["type"].endswith(":operation-failed")


def test_the_alert_is_fetched_from_its_whole_location_even_then() -> None:
    sent = {**SUCCEEDED, "new": HUGE}
    run = observed(asked(NOW), seen(sent))
    assert run["operation"] is not None
    assert run["operation"]["resourceLocation"] == SUCCEEDED["resourceLocation"]


def test_it_fits_when_operation_and_problem_are_both_too_large() -> None:
    run = observed(asked(NOW), seen(dict.fromkeys(RUNNING, HUGER)))
    why = problem("permission-missing", HUGER)
    why["graph"] = {"status": 403, "code": HUGER, "message": HUGER, "requestId": HUGER, "clientRequestId": HUGER}
    assert size(custom_status(run, why)) <= LIMIT


def test_of_a_long_text_as_much_is_shown_as_there_is_room_for() -> None:
    status = shown(seen({**RUNNING, "status": "failed", "statusDetail": "x" * 1000, "new": HUGE}))
    assert status["operation"]["id"] == RUNNING["id"]
    assert status["operation"]["statusDetail"] == "x" * 125 + "…"
