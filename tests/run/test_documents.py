"""What the API, the portal and the log show of a run."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from alert_refresh.problems import PREFIX, ProblemName, attach_run, make_problem
from alert_refresh.run.delivery import DeliveryStatus
from alert_refresh.run.documents import (
    LIMIT,
    Instance,
    Links,
    describe_step,
    is_alive,
    make_custom_status,
    make_document,
    make_summary,
    make_unreadable_summary,
)
from alert_refresh.run.freshness import summarize_operation
from alert_refresh.run.machine import End, step
from alert_refresh.run.observations import Observation
from alert_refresh.run.outcome import Outcome, describe_end, make_result
from alert_refresh.run.state import Ended, Expiring, Fault, Fetching, Polling, Run
from tests.orchestrators.hub import fault, fetched, polled, refreshed
from tests.run.generated import NOW
from tests.support.graph_samples import OPERATION_ID, REFRESH, RUN_ID, RUNNING, SUCCEEDED, make_sample_run

LINKS: Links = {"self": "s", "result": "r", "cancel": "c"}
UPDATED = datetime(2026, 1, 31, 12, 5, 0, 250_000, tzinfo=UTC)
SECRET = "https://prod-07.westeurope.logic.azure.com:443/workflows/w/runs/r?sig=top-secret"
HOST = "prod-07.westeurope.logic.azure.com"
RUN = make_sample_run(NOW)
THROTTLED = make_problem("throttled", "HTTP 429.")
WAITING = replace(
    RUN,
    polls=3,
    operation=RUNNING,
    next_poll_at=NOW + timedelta(seconds=30),
    fault=Fault(THROTTLED, NOW, 2),
)
DEADLINE = RUN.wish.deadline
SUMMARY = {name: RUNNING[name] for name in ("id", "status", "createdDateTime", "lastActionDateTime")}


def show(problem: ProblemName | None = None, *, run: Run = WAITING, **changes: Any) -> dict[str, Any]:
    """Return the custom status of a run that ended with `problem`, or goes on."""
    met = attach_run(make_problem(problem, "So it is."), RUN_ID) if problem else None
    return make_custom_status(replace(run, problem=met, **changes))


def keep(status: str, custom: dict[str, Any], *, run: Run = RUN, result: Any = None) -> Instance:
    return Instance(RUN_ID, status, run, custom, result, UPDATED)


MUCH = 70_000
LONG = {
    "sentences": "x" * 300,
    "characters": "x" * MUCH,
    "three bytes": "警" * MUCH,
    "pairs": "😀" * MUCH,
    "half pairs": "\ud83d" * MUCH,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_the_custom_status_fits_however_long_the_texts_of_graph_are(text: str) -> None:
    problem = make_problem("timed-out", text)
    problem["graph"] = dict.fromkeys(("status", "code", "message", "requestId", "clientRequestId"), text)
    problem["instance"] = problem["cause"] = text
    problem["errors"] = [{"field": text, "detail": text}]
    run = replace(
        WAITING,
        operation=dict.fromkeys([*RUNNING, *map(str, range(99))], text),
        problem=problem,
        fault=Fault(problem, NOW, 10**9),
    )
    status = make_custom_status(run)
    assert len(json.dumps(status)) <= LIMIT
    # The real extension fails an instance beyond 8,192 characters of UTF-16.
    assert len(json.dumps(status, ensure_ascii=False).encode("utf-16-le", "surrogatepass")) // 2 <= 4096
    assert status["problem"]["type"] == problem["type"]
    assert status["problem"]["title"] == problem["title"]
    assert status["waitingFor"]["problem"]["graph"]["code"].endswith("…")
    assert (status["polls"], status["deadline"]) == (3, "2026-01-31T13:00:00.000Z")


ON_TIME, LATE = DEADLINE + timedelta(seconds=119), DEADLINE + timedelta(seconds=120)
FETCHES, EXPIRES = show(phase=Fetching()), show(phase=Expiring(make_problem("timed-out", "")))


@pytest.mark.parametrize(
    ("status", "custom", "now", "state", "problem"),
    [
        ("RUNNING", {}, NOW, "queued", None),
        ("RUNNING", show(run=make_sample_run(NOW, target=REFRESH)), NOW, "refreshing", None),
        ("RUNNING", show(), NOW, "polling", None),
        ("RUNNING", FETCHES, NOW, "fetching", None),
        ("RUNNING", EXPIRES, NOW, "polling", None),
        ("CONTINUED_AS_NEW", show(), NOW, "polling", None),
        # A run ends by its deadline, whatever the hub says.
        ("RUNNING", show(), ON_TIME, "polling", None),
        ("RUNNING", show(), LATE, "timedOut", "timed-out"),
        ("COMPLETED", show(phase=Ended()), LATE, "succeeded", None),
        ("COMPLETED", show("run-cancelled"), NOW, "cancelled", "run-cancelled"),
        ("FAILED", show("operation-failed"), NOW, "failed", "operation-failed"),
        ("FAILED", show("timed-out"), NOW, "timedOut", "timed-out"),
        ("FAILED", {}, NOW, "failed", "internal-error"),
        ("TERMINATED", show(), NOW, "cancelled", "run-cancelled"),
    ],
)
def test_state_and_problem(status: str, custom: dict[str, Any], now: datetime, state: str, problem: str | None) -> None:
    instance = keep(status, custom)
    document = make_document(instance, None, LINKS, now, None)
    assert document["state"] == state
    found = document["problem"]
    assert (found["type"].removeprefix(PREFIX) if found else None) == problem
    assert found is None or found["instance"] == f"urn:uuid:{RUN_ID}"
    assert problem != "internal-error" or RUN_ID in str(found), "the id to search the logs for"
    alive = state in {"queued", "refreshing", "polling", "fetching"}
    assert is_alive(instance, now) is alive
    assert alive or (document["nextPollAt"], document["waitingFor"]) == (None, None)


def test_the_document_of_a_waiting_run() -> None:
    assert make_document(keep("RUNNING", show()), None, LINKS, NOW, None) == {
        "id": RUN_ID,
        "state": "polling",
        "target": {"operationId": OPERATION_ID},
        "changesFor": None,
        "createdAt": "2026-01-31T12:00:00.000Z",
        "updatedAt": "2026-01-31T12:05:00.250Z",
        "deadline": "2026-01-31T13:00:00.000Z",
        "polls": 3,
        "nextPollAt": "2026-01-31T12:00:30.000Z",
        "waitingFor": {
            "problem": make_problem("throttled", "HTTP 429."),
            "since": "2026-01-31T12:00:00.000Z",
            "tries": 2,
        },
        "problem": None,
        "startedBy": None,
        "cancelledBy": None,
        "links": LINKS,
        "operation": SUMMARY,
        "callback": {"state": "none", "host": None, "attempts": 0, "nextAttemptAt": None, "detail": None},
    }


def test_after_a_continue_as_new_the_input_tells_what_the_status_does_not() -> None:
    instance = keep("PENDING", {}, run=replace(RUN, polls=12, operation=SUCCEEDED))
    document = make_document(instance, None, LINKS, NOW, None)
    assert (document["polls"], document["operation"]) == (12, summarize_operation(SUCCEEDED))


def test_a_summary_is_the_document_without_what_is_large() -> None:
    instance = keep("RUNNING", show())
    document = make_document(instance, None, LINKS, NOW, None)
    summary = make_summary(instance, LINKS, NOW)
    assert {**document, **summary} == document
    assert document.keys() - summary.keys() == {"operation", "callback"}
    unreadable = make_unreadable_summary(RUN_ID, LINKS)
    assert unreadable.keys() == summary.keys()
    assert {name for name, value in unreadable.items() if value is not None} == {"id", "state", "links"}


def post(state: Any, next_attempt_at: str | None = None) -> DeliveryStatus:
    return {"state": state, "attempts": 2, "nextAttemptAt": next_attempt_at, "detail": "HTTP 503."}


@pytest.mark.parametrize(
    ("status", "result", "delivery", "now", "state"),
    [
        ("RUNNING", None, None, NOW, "pending"),
        ("SUSPENDED", None, None, LATE, "pending"),
        # The run is over, and its delivery does not show yet.
        ("COMPLETED", {"changed": True}, None, NOW, "pending"),
        ("COMPLETED", {"changed": True}, None, UPDATED + timedelta(minutes=11), "failed"),
        ("COMPLETED", {"changed": False}, None, NOW, "notNeeded"),
        ("TERMINATED", None, None, NOW, "failed"),
        ("COMPLETED", {"changed": True}, post("delivering", "2026-01-31T12:00:30.000Z"), NOW, "delivering"),
        ("COMPLETED", {"changed": True}, post("delivered"), LATE, "delivered"),
        ("FAILED", None, post("failed"), NOW, "failed"),
    ],
)
def test_the_callback_shows_its_host_and_how_far_the_delivery_is(
    status: str, result: Any, delivery: DeliveryStatus | None, now: datetime, state: str
) -> None:
    run = make_sample_run(NOW, callback_url=SECRET, changes_for="ops")
    document = make_document(keep(status, {}, run=run, result=result), delivery, LINKS, now, HOST)
    callback = document["callback"]
    assert (callback["state"], callback["host"]) == (state, HOST)
    assert {**callback, **(delivery or {"attempts": 0, "nextAttemptAt": None})} == callback
    assert (callback["detail"] is None) == (state == "pending")
    assert "secret" not in json.dumps(document)


PERSON = "megan.bowen@contoso.com"


def meet(name: ProblemName) -> dict[str, Any]:
    observation = fault(name)
    observation["problem"] = {**make_problem(name, PERSON), "graph": {"code": PERSON, "message": PERSON}}
    return observation


STEPS: dict[str, tuple[Run, dict[str, Any], float]] = {
    "running": (RUN, polled({**RUNNING, "statusDetail": PERSON}), 0),
    "an unknown status": (RUN, polled({**RUNNING, "status": PERSON}), 0),
    "a fault": (RUN, meet("graph-unavailable"), 0),
    "a fault at the deadline": (RUN, meet("throttled"), 3600),
    "a fault in the grace": (replace(RUN, requested_at=NOW, began_at=NOW), meet("operation-not-found"), 0),
    "an alert": (replace(RUN, phase=Fetching()), fetched(displayName=PERSON), 0),
}


@pytest.mark.parametrize(("run", "observation", "at"), STEPS.values(), ids=STEPS)
def test_no_text_of_graphs_is_logged(run: Run, observation: Any, at: float) -> None:
    after, then = step(run, observation, NOW + timedelta(seconds=at), cancelled=False)
    lines = [describe_step(after, observation, then)]
    if isinstance(then, End):
        lines.append(describe_end(after, then.outcome))
    assert PERSON not in json.dumps(lines)


def test_the_log_line_of_a_step_carries_every_id() -> None:
    observation = cast("Observation", polled(RUNNING))
    run, then = step(RUN, observation, NOW, cancelled=False)
    assert describe_step(run, observation, then) == {
        "event": "poll",
        "runId": RUN_ID,
        "operationId": OPERATION_ID,
        "clientRequestId": "c-1",
        "observed": "operation",
        "phase": "polling",
        "operationStatus": "running",
        "polls": 1,
        "decision": "wait",
        "delay": 5.0,
        "reason": "the operation is running",
        "problem": None,
        "deadline": "2026-01-31T13:00:00.000Z",
    }
    met = cast("Observation", fault("throttled"))
    run, then = step(RUN, met, NOW, cancelled=False)
    assert describe_step(run, met, then)["problem"] == f"{PREFIX}throttled"


def test_the_log_line_of_the_end() -> None:
    run, _ = step(make_sample_run(NOW, target=REFRESH), cast("Observation", refreshed()), NOW, cancelled=False)
    assert isinstance(run.phase, Polling)
    result = make_result(run, cast("Observation", fetched()))
    assert describe_end(run, result) == {
        "event": "end",
        "runId": RUN_ID,
        "alertId": REFRESH.id,
        "outcome": "succeeded",
        "polls": 0,
        "refreshedAt": "2026-01-31T12:00:00.000Z",
        "problem": None,
        "startedBy": None,
        "cancelledBy": None,
        "deadline": "2026-01-31T13:00:00.000Z",
    }
    late = Outcome(problem=attach_run(make_problem("timed-out", "Late."), RUN_ID))
    assert (describe_end(RUN, late)["outcome"], describe_end(RUN, late)["refreshedAt"]) == ("timed-out", None)
