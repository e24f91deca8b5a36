"""What the API, the portal and the log show of a run."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, TypedDict, cast

from alert_refresh.problems import (
    PREFIX,
    RUN_CANCELLED,
    Problem,
    ProblemName,
    attach_run,
    is_problem,
    make_internal_error,
    make_problem,
)
from alert_refresh.run.delivery import DeliveryState, DeliveryStatus
from alert_refresh.run.freshness import Operation
from alert_refresh.run.machine import Next, Wait
from alert_refresh.run.observations import Observation
from alert_refresh.run.outcome import Outcome
from alert_refresh.run.state import Expiring, Run, dump_fault, name_phase
from alert_refresh.timestamps import format_timestamp

type State = Literal["queued", "refreshing", "polling", "fetching", "succeeded", "failed", "timedOut", "cancelled"]

LIMIT = 4096
"""Characters of a custom status as JSON, in ASCII. The Durable extension fails a run whose custom status has more than
8,192 characters of UTF-16, which is never more than these."""

SHORT = 100
"""Characters of JSON that each text keeps when the whole does not fit. There are fewer than 30 texts in it."""

OVERDUE = timedelta(minutes=2)
"""A run that the hub still calls alive this long after its deadline is shown as timed out."""

STATES: Mapping[str, State | None] = {
    "PENDING": None,
    "RUNNING": None,
    "CONTINUED_AS_NEW": None,
    "SUSPENDED": None,
    "COMPLETED": "succeeded",
    "FAILED": "failed",
    "TERMINATED": "cancelled",
    "CANCELED": "cancelled",
}
"""Durable runtime status → state; None while the hub calls the run alive: then its phase tells."""

UNLESS: Mapping[State, tuple[ProblemName, State]] = {
    "succeeded": ("run-cancelled", "cancelled"),
    "failed": ("timed-out", "timedOut"),
}
"""One problem makes another state of it: a cancelled run is Completed, and a run that timed out is Failed."""


class Instance(NamedTuple):
    """A run as the task hub keeps it; `status` is the durable runtime status in capitals."""

    id: str
    status: str
    run: Run
    custom_status: Mapping[str, Any]
    result: Any
    updated_at: datetime


class Links(TypedDict):
    """Absolute URLs of the run. They hold `?code=` only when the caller used it."""

    self: str
    result: str
    cancel: str


class Callback(TypedDict):
    """Where the outcome goes, and whether it arrived. Of the callback URL only the host is ever shown."""

    state: DeliveryState | Literal["none"]
    """`none`: the run has no callback; `pending`: the run goes on; `notNeeded`: nothing changed for the subscriber."""
    host: str | None
    attempts: int
    nextAttemptAt: str | None
    detail: str | None


class RunSummary(TypedDict):
    """A run, whatever became of it. Times are UTC; `polls` counts the polls of the operation."""

    id: str
    state: State
    target: dict[str, Any]
    createdAt: str
    updatedAt: str
    deadline: str
    polls: int
    nextPollAt: str | None
    waitingFor: dict[str, Any] | None
    """The problem of the last request to Graph, since when, and how many requests in a row met it."""
    problem: Problem | None
    links: Links


class RunDocument(RunSummary):
    """A run with what a list does not show: the operation as last polled, and the callback."""

    operation: dict[str, Any] | None
    callback: Callback


def make_custom_status(run: Run) -> dict[str, Any]:
    """Return the custom status of the run, at most `LIMIT` characters as JSON."""
    operation = run.operation
    status = {
        "phase": name_phase(run.phase),
        "operationStatus": Operation(operation).status if operation else None,
        "polls": run.polls,
        "nextPollAt": None
        if isinstance(run.phase, Expiring) or run.next_poll_at is None
        else format_timestamp(run.next_poll_at),
        "deadline": format_timestamp(run.wish.deadline),
        "waitingFor": run.fault and dump_fault(run.fault),
        "operation": operation,
        "problem": run.problem,
    }
    if len(json.dumps(status)) <= LIMIT:
        return status
    names = ("id", "status", "createdDateTime", "lastActionDateTime")
    known = {name: text for name in names if isinstance(text := (operation or {}).get(name), str)}
    return cast("dict[str, Any]", _shorten({**status, "operation": known if operation else None}))


def _shorten(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shorten(member) for name, member in value.items()}
    if not isinstance(value, str):
        return value if value is None or isinstance(value, bool | int | float) else None
    if len(json.dumps(value)) <= SHORT:
        return value
    # JSON writes one character as one to twelve: halving finds a fit without counting them.
    while len(json.dumps(value)) > SHORT:
        value = value[: len(value) // 2]
    return value + "…"


def is_alive(instance: Instance, now: datetime) -> bool:
    """Tell whether the run goes on at `now`: the hub says so, and its deadline has not passed long ago."""
    return STATES[instance.status] is None and now < instance.run.wish.deadline + OVERDUE


def find_state(instance: Instance, now: datetime) -> State:
    """Return what became of the run by `now`."""
    ended = STATES[instance.status]
    if ended is None:
        if not is_alive(instance, now):
            return "timedOut"
        phase = str(instance.custom_status.get("phase") or "queued")
        # Pending can carry a phase, too: after a continue-as-new.
        return cast("State", {"expiring": "polling", "ended": "fetching"}.get(phase, phase))
    name, state = UNLESS.get(ended, ("internal-error", ended))
    return state if is_problem(find_problem(instance, now), name) else ended


def find_problem(instance: Instance, now: datetime) -> Problem | None:
    """Return why the run ended without a result, or None when it did not."""
    ended = STATES[instance.status]
    if ended is None:
        if is_alive(instance, now):
            return None
        detail = "The task hub did not end the run at its deadline: it is suspended, or the app is not running."
        return attach_run(make_problem("timed-out", detail), instance.id)
    if ended == "cancelled":
        return attach_run(RUN_CANCELLED, instance.id)
    problem: Problem | None = instance.custom_status.get("problem")
    return problem or (make_internal_error(instance.id) if ended == "failed" else None)


def make_document(
    instance: Instance, delivery: DeliveryStatus | None, links: Links, now: datetime, host: str | None
) -> RunDocument:
    """Return the run document at `now`. `delivery` is None as long as there is none, `host` is that of the callback."""
    return {
        **make_summary(instance, links, now),
        "operation": instance.custom_status.get("operation", instance.run.operation),
        "callback": _describe_callback(instance, delivery, now, host),
    }


def make_summary(instance: Instance, links: Links, now: datetime) -> RunSummary:
    """Return what a list shows of the run at `now`."""
    run, status, alive = instance.run, instance.custom_status, is_alive(instance, now)
    return {
        "id": instance.id,
        "state": find_state(instance, now),
        "target": run.wish.target.dump(),
        "createdAt": format_timestamp(run.wish.created_at),
        "updatedAt": format_timestamp(instance.updated_at),
        "deadline": format_timestamp(run.wish.deadline),
        "polls": status.get("polls", run.polls),
        "nextPollAt": status.get("nextPollAt") if alive else None,
        "waitingFor": status.get("waitingFor") if alive else None,
        "problem": find_problem(instance, now),
        "links": links,
    }


def make_unreadable_summary(run_id: str, links: Links) -> dict[str, Any]:
    """Return what a list shows of a run that is too large to be received."""
    names = RunSummary.__annotations__
    return {**dict.fromkeys(names), "id": run_id, "state": "unreadable", "links": links}


def _describe_callback(
    instance: Instance, delivery: DeliveryStatus | None, now: datetime, host: str | None
) -> Callback:
    def callback(state: DeliveryState | Literal["none"], detail: str | None = None) -> Callback:
        return {"state": state, "host": host, "attempts": 0, "nextAttemptAt": None, "detail": detail}

    if instance.run.wish.callback_url is None:
        return callback("none")
    if delivery is not None:
        return {"host": host, **delivery}
    if is_alive(instance, now):
        return callback("pending")
    if instance.status == "COMPLETED" and (instance.result or {}).get("changed") is False:
        return callback("notNeeded", "Nothing changed for the subscriber.")
    if instance.status == "TERMINATED":
        return callback("failed", "The run was terminated through the host's management API, which posts no callback.")
    return callback("pending")


def describe_step(run: Run, observation: Observation, then: Next) -> dict[str, Any]:
    """Return the log line of one step. It holds ids and words of this app, and no text of Graph's."""
    problem = observation.get("problem")
    return {
        "event": "poll",
        "runId": run.id,
        "target": run.wish.target.dump(),
        "clientRequestId": observation.get("clientRequestId"),
        "observed": observation["kind"],
        "phase": name_phase(run.phase),
        "operationStatus": Operation(run.operation or {}).ending or ("running" if run.operation else None),
        "polls": run.polls,
        "decision": type(then).__name__.lower(),
        "delay": then.seconds if isinstance(then, Wait) else 0,
        "reason": then.reason,
        "problem": problem["type"] if problem else None,
        "deadline": format_timestamp(run.wish.deadline),
    }


def describe_end(run: Run, outcome: Outcome) -> dict[str, Any]:
    """Return the log line of the end of a run. No person: the alert itself stays out."""
    return {
        "event": "end",
        "runId": run.id,
        "target": run.wish.target.dump(),
        "outcome": name_outcome(outcome),
        "polls": run.polls,
        "refreshedAt": run.began_at and run.requested_at and format_timestamp(run.began_at),
        "problem": outcome.problem["type"] if outcome.problem else None,
        "deadline": format_timestamp(run.wish.deadline),
    }


def name_outcome(outcome: Outcome) -> str:
    """Return `succeeded`, or the name of the problem."""
    return outcome.problem["type"].removeprefix(PREFIX) if outcome.problem else "succeeded"
