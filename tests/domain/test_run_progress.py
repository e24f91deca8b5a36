"""How a decision moves a run on, and what is shown and logged."""

from datetime import UTC, datetime

from domain.custom_status import custom_status
from domain.decision import Decision
from domain.observation import Observation
from domain.outcome import Outcome
from domain.problem import problem
from domain.run_progress import end, moved_on, transition
from tests.support.graph_samples import OPERATION_ID, RUNNING, asked

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
    shown = custom_status(asked(NOW, polls=2, operation=RUNNING), why)
    assert (shown["phase"], shown["operationStatus"], shown["polls"]) == ("waiting", "running", 2)
    assert shown["problem"] == why
    assert custom_status(asked(NOW))["operationStatus"] is None


def test_the_log_line_of_a_look_carries_every_id() -> None:
    line = transition("run-1", asked(NOW, polls=1, operation=RUNNING), LOOK, Decision("wait", "it runs", 30.00049))
    assert line == {
        "event": "look",
        "runId": "run-1",
        "target": {"operationId": OPERATION_ID},
        "operationId": OPERATION_ID,
        "clientRequestId": "c-1",
        "phase": "waiting",
        "operationStatus": "running",
        "polls": 1,
        "decision": "wait",
        "delay": 30.0,
        "reason": "it runs",
        "problem": None,
        "deadline": "2026-01-31T13:00:00.000Z",
    }


def test_the_log_line_of_a_look_names_the_problem_that_was_met() -> None:
    met: Observation = {"kind": "tryAgain", "problem": problem("throttled", "HTTP 429."), "clientRequestId": "c-1"}
    line = transition("run-1", asked(NOW), met, Decision("wait", "HTTP 429.", 20.0))
    assert line["problem"] == "urn:problem-type:pim-alert-refresh:throttled"


def test_the_log_line_of_the_end_tells_this_run_from_an_earlier_one_of_the_same_id() -> None:
    refreshed_at = "2026-01-31T12:00:01.000Z"
    assert end("run-1", asked(NOW, polls=2, refreshedAt=refreshed_at), Outcome()) == {
        "event": "end",
        "runId": "run-1",
        "target": {"operationId": OPERATION_ID},
        "operationId": OPERATION_ID,
        "polls": 2,
        "refreshedAt": refreshed_at,
        "problem": None,
        "deadline": "2026-01-31T13:00:00.000Z",
    }
