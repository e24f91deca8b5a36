"""How a decision moves a run on, and what is shown, logged and handed over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.custom_status import custom_status
from domain.decision import Decision
from domain.observation import Observation
from domain.problem import problem
from domain.run_progress import moved_on, result, transition
from tests.support.graph_samples import ALERT, OPERATION_ID, RUNNING, SUCCEEDED, asked

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
LOOK: Observation = {"kind": "operation", "operation": RUNNING, "retryAfter": None, "clientRequestId": "c-1"}


def test_a_wait_plans_the_next_look_and_a_fetch_changes_the_phase() -> None:
    run = asked(NOW)
    assert moved_on(run, Decision("wait", "running", 30.5), NOW) == {**run, "nextPollAt": "2026-01-31T12:00:30.500Z"}
    assert moved_on(run, Decision("fetch", "succeeded"), NOW) == {**run, "phase": "fetching"}
    assert moved_on(run, Decision("fail", "no", problem=problem("timed-out", "Late.")), NOW) == run
    assert moved_on(run, Decision("succeed", "fetched"), NOW) == run


def test_the_custom_status_shows_how_far_the_run_has_come() -> None:
    why = problem("operation-failed", "So it is.")
    shown = custom_status(asked(NOW, polls=2, operation=RUNNING), Decision("fail", "it failed", problem=why))
    assert (shown["phase"], shown["operationStatus"], shown["polls"]) == ("waiting", "running", 2)
    assert shown["problem"] == why
    assert custom_status(asked(NOW))["operationStatus"] is None


def test_the_log_line_of_a_look_carries_every_id() -> None:
    line = transition("run-1", asked(NOW, polls=1, operation=RUNNING), LOOK, Decision("wait", "it runs", 30.00049))
    assert line == {
        "event": "look",
        "runId": "run-1",
        "operationId": OPERATION_ID,
        "clientRequestId": "c-1",
        "phase": "waiting",
        "operationStatus": "running",
        "polls": 1,
        "decision": "wait",
        "delay": 30.0,
        "reason": "it runs",
        "deadline": "2026-01-31T13:00:00.000Z",
    }


@pytest.mark.parametrize(
    ("scanned", "not_before", "operation", "fresh"),
    [
        ("2023-06-09T22:56:08.52Z", None, SUCCEEDED, True),
        ("2023-06-09T22:50:41.5414467Z", None, SUCCEEDED, True),
        ("2023-06-09T22:50:41Z", None, SUCCEEDED, False),
        ("2023-06-09T22:56:08.52Z", "2023-06-09T22:56:08.520Z", SUCCEEDED, True),
        ("2023-06-09T22:56:08.52Z", "2023-06-09T22:56:08.521Z", SUCCEEDED, False),
        ("0001-01-01T08:00:00Z", None, SUCCEEDED, False),
        ("2020-03-19T12-01-03.45Z", None, SUCCEEDED, None),
        (None, None, SUCCEEDED, None),
        ("2023-06-09T22:56:08.52Z", None, {**SUCCEEDED, "createdDateTime": None}, None),
        ("2023-06-09T22:56:08.52Z", None, None, None),
    ],
)
def test_fresh_tells_whether_the_scan_is_the_one_asked_for(
    scanned: Any, not_before: str | None, operation: dict[str, Any] | None, *, fresh: bool | None
) -> None:
    alert = {**ALERT, "lastScannedDateTime": scanned}
    run = asked(NOW - timedelta(days=900), phase="fetching", operation=operation, notBefore=not_before)
    assert result("run-1", run, alert) == {
        "runId": "run-1",
        "operation": operation,
        "alert": alert,
        "scannedAt": scanned,
        "fresh": fresh,
    }
