"""What follows a look, as one table: what was seen, what the run had come to, what is decided."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.decision import TRIES_IN_A_ROW, Decision, decide
from domain.durations import PRIOR
from domain.observation import Observation
from domain.problem import PREFIX, ProblemName, problem
from domain.schedule import while_running
from tests.support.graph_samples import ALERT, RUNNING, SUCCEEDED, asked

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
OLD, NEW = "2026-01-31T11:59:59.9999999Z", "2026-01-31T12:00:01Z"
NOT_BEFORE = "2026-01-31T12:00:00.000Z"


def seen(retry_after: float | None = None, **changes: Any) -> Observation:
    return {
        "kind": "operation",
        "operation": {**RUNNING, **changes},
        "retryAfter": retry_after,
        "clientRequestId": "c-1",
    }


def succeeded(**changes: Any) -> Observation:
    return seen(**{**SUCCEEDED, **changes})


def moved(status: str, created: Any, last_action: Any) -> Observation:
    return succeeded(status=status, createdDateTime=created, lastActionDateTime=last_action)


def trouble(name: ProblemName = "graph-unavailable", retry_after: float | None = None) -> Observation:
    why = problem(name, "Graph answered HTTP 503.")
    return {"kind": "tryAgain", "problem": why, "retryAfter": retry_after, "clientRequestId": "c-1"}


def hopeless(name: ProblemName) -> Observation:
    return {"kind": "problem", "problem": problem(name, "No."), "retryAfter": None, "clientRequestId": "c-1"}


FETCHED: Observation = {"kind": "alert", "alert": ALERT, "retryAfter": None, "clientRequestId": "c-1"}


@dataclass(frozen=True)
class Wait:
    least: float
    most: float


FETCH, SUCCEED = "fetch", "succeed"


def planned(shortest: float = 5.0, longest: float = 60.0) -> Wait:
    """Return the wait that the schedule plans for a run that begins to look."""
    seconds = while_running(0.0, PRIOR, shortest, longest)
    return Wait(seconds, seconds)


PLANNED = planned()
AN_HOUR: dict[str, Any] = {}
LAST_MINUTE: dict[str, Any] = {"seconds": 60}
LAST_SECOND: dict[str, Any] = {"seconds": 1}
OVER: dict[str, Any] = {"seconds": 0}
LONG_OVER: dict[str, Any] = {"seconds": -3600}


def after(failures: int, **more: Any) -> dict[str, Any]:
    return {"failures": failures, "repeats": failures, **more}


def not_before(**more: Any) -> dict[str, Any]:
    return {"notBefore": NOT_BEFORE, **more}


TABLE: list[tuple[str, Observation, dict[str, Any], Wait | str]] = [
    # Graph's word for it
    ("not started", seen(status="notStarted"), AN_HOUR, PLANNED),
    ("running", seen(), AN_HOUR, PLANNED),
    ("running, shouted", seen(status="RUNNING"), AN_HOUR, PLANNED),
    ("a word of tomorrow", seen(status="paused"), AN_HOUR, PLANNED),
    ("the sentinel", seen(status="unknownFutureValue"), AN_HOUR, PLANNED),
    ("no status", seen(status=None), AN_HOUR, PLANNED),
    ("a status of another type", seen(status={"is": "succeeded"}), AN_HOUR, PLANNED),
    ("an empty object", {**seen(), "operation": {}}, AN_HOUR, PLANNED),
    ("running, with a location already", seen(resourceLocation="https://x"), AN_HOUR, PLANNED),
    ("succeeded", succeeded(), AN_HOUR, FETCH),
    ("Succeeded", succeeded(status="Succeeded"), AN_HOUR, FETCH),
    ("succeeded, nowhere", succeeded(resourceLocation=""), AN_HOUR, "alert-location-missing"),
    ("succeeded, null location", succeeded(resourceLocation=None), AN_HOUR, "alert-location-missing"),
    ("failed", seen(status="failed"), AN_HOUR, "operation-failed"),
    ("Failed", seen(status="Failed"), AN_HOUR, "operation-failed"),
    ("skipped", seen(status="skipped"), AN_HOUR, "operation-skipped"),
    # how long Graph asks to wait
    ("Retry-After under the plan", seen(4), AN_HOUR, PLANNED),
    ("Retry-After over the plan", seen(315), AN_HOUR, Wait(315, 315)),
    ("Retry-After over POLL_MAX_SECONDS", seen(1800), AN_HOUR, Wait(1800, 1800)),
    ("Retry-After of a fraction", seen(0.249), AN_HOUR, PLANNED),
    ("Retry-After to the deadline exactly", seen(60), LAST_MINUTE, Wait(60, 60)),
    ("Retry-After past the deadline", seen(60.1), LAST_MINUTE, "timed-out"),
    # the settings
    ("POLL_MIN_SECONDS over the plan", seen(), {"pollMinSeconds": 45.0}, planned(45.0)),
    ("POLL_MAX_SECONDS under the plan", seen(), {"pollMaxSeconds": 10.0}, planned(longest=10.0)),
    # the deadline
    ("running, a second left", seen(), LAST_SECOND, Wait(1, 1)),
    ("running at the deadline", seen(), OVER, "timed-out"),
    ("running past the deadline", seen(), LONG_OVER, "timed-out"),
    ("succeeded at the deadline", succeeded(), OVER, FETCH),
    ("succeeded past the deadline", succeeded(), LONG_OVER, FETCH),
    ("failed past the deadline", seen(status="failed"), LONG_OVER, "operation-failed"),
    ("fetched past the deadline", FETCHED, LONG_OVER, SUCCEED),
    ("trouble, a second left", trouble(), after(1, **LAST_SECOND), Wait(1, 1)),
    ("trouble past the deadline", trouble(), after(1, **LONG_OVER), "timed-out"),
    ("a deadline that cannot be read", seen(), {"deadline": "soon"}, "timed-out"),
    # an earlier scan's end
    ("older success", moved("succeeded", OLD, OLD), not_before(), PLANNED),
    ("older failure", moved("failed", OLD, OLD), not_before(), PLANNED),
    ("older skip", moved("skipped", OLD, OLD), not_before(), PLANNED),
    ("newer success", moved("succeeded", NEW, NEW), not_before(), FETCH),
    ("newer failure", moved("failed", NEW, NEW), not_before(), "operation-failed"),
    ("newer skip", moved("skipped", NEW, NEW), not_before(), "operation-skipped"),
    ("as old as asked", moved("succeeded", NOT_BEFORE, NOT_BEFORE), not_before(), FETCH),
    ("started before, ended after", moved("succeeded", OLD, NEW), not_before(), FETCH),
    ("only its start is known, and new", moved("succeeded", NEW, None), not_before(), FETCH),
    ("its times cannot be read", moved("succeeded", "2026-01-31T12-01-03Z", "never"), not_before(), PLANNED),
    ("its times are missing", moved("succeeded", None, None), not_before(), PLANNED),
    ("older success past the deadline", moved("succeeded", OLD, OLD), not_before(**OVER), "timed-out"),
    ("any end, when no time was asked", moved("succeeded", None, None), AN_HOUR, FETCH),
    # trouble
    ("first trouble", trouble(), after(1), Wait(5, 6)),
    ("third trouble", trouble(), after(3), Wait(20, 22)),
    ("hundredth trouble", trouble(), after(100), Wait(60, 66)),
    ("throttled", trouble("throttled", 120), after(1), Wait(120, 120)),
    ("throttled past the deadline", trouble("throttled", 120), after(1, **LAST_MINUTE), "timed-out"),
    ("no token, yet", trouble("identity-unavailable"), after(4), Wait(40, 44)),
    ("no token, again and again", trouble("identity-unavailable"), after(5), "identity-unavailable"),
    ("no token, after other troubles", trouble("identity-unavailable"), {"failures": 9, "repeats": 1}, Wait(60, 66)),
    ("unreadable, yet", trouble("answer-unreadable"), after(4), Wait(40, 44)),
    ("unreadable, again and again", trouble("answer-unreadable"), after(5), "answer-unreadable"),
    # what no waiting will mend
    ("no permission", hopeless("permission-missing"), AN_HOUR, "permission-missing"),
    ("no such operation", hopeless("operation-not-found"), AN_HOUR, "operation-not-found"),
    ("fetched", FETCHED, AN_HOUR, SUCCEED),
]


@pytest.mark.parametrize(("observation", "had", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_table(observation: Observation, had: dict[str, Any], expected: Wait | str) -> None:
    decision = decide(observation, asked(NOW, **had), NOW)
    if isinstance(expected, Wait):
        assert (decision.kind, decision.problem) == ("wait", None)
        assert expected.least <= decision.delay <= expected.most
    elif expected in {FETCH, SUCCEED}:
        assert (decision.kind, decision.problem) == (expected, None)
    else:
        assert ending(decision) == expected


def ending(decision: Decision) -> str:
    assert decision.kind == "fail"
    assert decision.problem is not None
    return decision.problem["type"].removeprefix(PREFIX)


def test_only_hiccups_that_may_be_misconfigurations_run_out_of_tries() -> None:
    assert set(TRIES_IN_A_ROW) == {"identity-unavailable", "answer-unreadable"}
    assert decide(trouble("throttled"), asked(NOW, failures=1000), NOW).kind == "wait"
    assert decide(trouble("graph-unavailable"), asked(NOW, failures=1000), NOW).kind == "wait"


@pytest.mark.parametrize("status", ["failed", "skipped"])
def test_an_end_without_success_repeats_what_graph_said(status: str) -> None:
    told = decide(seen(status=status, statusDetail="The tenant has no P2."), asked(NOW), NOW)
    silent = decide(seen(status=status, statusDetail=None), asked(NOW), NOW)
    assert told.problem is not None
    assert silent.problem is not None
    assert told.problem["detail"].endswith("Graph's statusDetail: The tenant has no P2.")
    assert silent.problem["detail"].endswith("Graph gave no statusDetail.")


def test_a_timeout_says_how_often_it_looked_until_when_and_what_it_saw_last() -> None:
    run = asked(NOW, seconds=0, polls=7)
    decision = decide(seen(), run, NOW)
    assert ending(decision) == "timed-out"
    assert decision.problem is not None
    assert "7 looks" in decision.problem["detail"]
    assert run["deadline"] in decision.problem["detail"]
    assert "'running'" in decision.problem["detail"]


def test_a_timeout_under_throttling_says_so_and_keeps_graphs_ids() -> None:
    observation = trouble("throttled", 120)
    ids = {"status": 429, "requestId": "r-1", "clientRequestId": "c-1"}
    observation["problem"]["graph"] = ids
    decision = decide(observation, asked(NOW, seconds=60, failures=1), NOW)
    assert ending(decision) == "timed-out"
    assert decision.problem is not None
    assert decision.problem["graph"] == ids
    assert decision.problem["cause"].endswith(":throttled")
    assert "wait another 120 s" in decision.problem["detail"]


def test_a_stale_end_is_told_apart_from_a_running_operation() -> None:
    decision = decide(moved("succeeded", OLD, OLD), asked(NOW, notBefore=NOT_BEFORE), NOW)
    assert "notBefore" in decision.reason
    assert "earlier scan" in decision.reason
