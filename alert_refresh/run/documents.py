"""What the API, the portal and the log show of a run."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, TypedDict, cast

from alert_refresh.problems import RUN_CANCELLED, Problem, attach_run, is_problem, make_internal_error, shorten
from alert_refresh.run.delivery import DeliveryStatus
from alert_refresh.run.freshness import Operation, summarize_operation
from alert_refresh.run.machine import Next, Wait
from alert_refresh.run.observations import Observation
from alert_refresh.run.outcome import NOT_ENDED, OVERDUE
from alert_refresh.run.state import Run, dump_fault, name_phase
from alert_refresh.timestamps import format_timestamp

type State = Literal["queued", "refreshing", "polling", "fetching", "succeeded", "failed", "timedOut", "cancelled"]

LIMIT = 4096
"""Characters of a custom status as JSON, in ASCII. The Durable extension fails a run whose custom status has more than
8,192 characters of UTF-16, which is never more than these."""

SHORT = 100
"""Characters of JSON that each text keeps when the whole is too long. A status has fewer than 30 texts."""

SETTLING = timedelta(minutes=10)
"""So long after the end of a run its delivery has begun. A killed host's work is repeated after up to five minutes."""

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
"""Durable runtime status → state; None while the hub calls the run alive: then the phase is the state."""


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


class Callback(DeliveryStatus):
    """Where the outcome goes, and whether it arrived. Only the host of the callback URL is ever shown."""

    host: str | None


class RunSummary(TypedDict):
    """A run in any state, as openapi.yaml describes it."""

    id: str
    state: State
    target: dict[str, Any]
    changesFor: str | None
    createdAt: str
    updatedAt: str
    deadline: str
    polls: int
    nextPollAt: str | None
    waitingFor: dict[str, Any] | None
    problem: Problem | None
    startedBy: str | None
    cancelledBy: str | None
    links: Links


class RunDocument(RunSummary):
    """A run, with two members that a list does not show: the operation as last polled, in short, and the callback."""

    operation: dict[str, Any] | None
    callback: Callback


def make_custom_status(run: Run) -> dict[str, Any]:
    """Return the custom status of the run, at most `LIMIT` characters as JSON."""
    status = {
        "phase": name_phase(run.phase),
        "polls": run.polls,
        "nextPollAt": run.next_poll_at and format_timestamp(run.next_poll_at),
        "deadline": format_timestamp(run.wish.deadline),
        "waitingFor": run.fault and dump_fault(run.fault),
        "operation": run.operation and summarize_operation(run.operation),
        "problem": run.problem,
        "cancelledBy": run.cancelled_by,
    }
    return status if len(json.dumps(status)) <= LIMIT else cast("dict[str, Any]", _shorten(status))


def _shorten(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shorten(member) for name, member in value.items()}
    if not isinstance(value, str):
        return value if isinstance(value, int | float) else None
    kept = shorten(value, SHORT)
    return value if kept == value else kept + "…"


def is_alive(instance: Instance, now: datetime) -> bool:
    """Tell whether the run goes on at `now`: the hub calls it alive, and its deadline is not long past."""
    return STATES[instance.status] is None and now < instance.run.wish.deadline + OVERDUE


def is_overdue(instance: Instance, now: datetime) -> bool:
    """Tell whether the hub still calls the run alive long after its deadline."""
    return STATES[instance.status] is None and not is_alive(instance, now)


def find_state(instance: Instance, now: datetime) -> State:
    if is_alive(instance, now):
        # After a continue-as-new, an instance can be Pending and have a phase.
        phase = str(instance.custom_status.get("phase") or "queued")
        return cast("State", {"expiring": "polling", "ended": "fetching"}.get(phase, phase))
    problem = find_problem(instance, now)
    if problem is None:
        return "succeeded"
    # To the hub, a cancelled run is Completed.
    if is_problem(problem, "run-cancelled"):
        return "cancelled"
    return "timedOut" if is_problem(problem, "timed-out") else "failed"


def find_problem(instance: Instance, now: datetime) -> Problem | None:
    """Return why the run ended without a result, or None when it did not."""
    if is_overdue(instance, now):
        return attach_run(NOT_ENDED, instance.id)
    ended = STATES[instance.status]
    if ended is None or ended == "cancelled":
        return attach_run(RUN_CANCELLED, instance.id) if ended else None
    problem: Problem | None = instance.custom_status.get("problem")
    return problem or (make_internal_error(instance.id) if ended == "failed" else None)


def make_document(
    instance: Instance, delivery: DeliveryStatus | None, links: Links, now: datetime, host: str | None
) -> RunDocument:
    """Return the run document at `now`. `delivery` is None before it begins; `host` is the callback's host."""
    run = instance.run
    return {
        **make_summary(instance, links, now),
        "operation": instance.custom_status.get("operation", run.operation and summarize_operation(run.operation)),
        "callback": _describe_callback(instance, delivery, now, host),
    }


def make_summary(instance: Instance, links: Links, now: datetime) -> RunSummary:
    """Return what a list shows of the run at `now`."""
    run, status, alive = instance.run, instance.custom_status, is_alive(instance, now)
    return {
        "id": instance.id,
        "state": find_state(instance, now),
        "target": run.wish.target.dump(),
        "changesFor": run.wish.changes_for,
        "createdAt": format_timestamp(run.wish.created_at),
        "updatedAt": format_timestamp(instance.updated_at),
        "deadline": format_timestamp(run.wish.deadline),
        "polls": status.get("polls", run.polls),
        "nextPollAt": status.get("nextPollAt") if alive else None,
        "waitingFor": status.get("waitingFor") if alive else None,
        "problem": find_problem(instance, now),
        "startedBy": run.wish.started_by,
        "cancelledBy": status.get("cancelledBy"),
        "links": links,
    }


def make_unreadable_summary(run_id: str, links: Links) -> dict[str, Any]:
    """Return what a list shows of a run that is too large to be received."""
    return {**dict.fromkeys(RunSummary.__annotations__), "id": run_id, "state": "unreadable", "links": links}


def _describe_callback(
    instance: Instance, delivery: DeliveryStatus | None, now: datetime, host: str | None
) -> Callback:
    pending: Callback = {"state": "pending", "attempts": 0, "nextAttemptAt": None, "detail": None, "host": host}
    if instance.run.wish.callback_url is None:
        return {**pending, "state": "none"}
    if delivery is not None:
        return {**delivery, "host": host}
    if instance.status == "COMPLETED" and (instance.result or {}).get("changed") is False:
        return {**pending, "state": "notNeeded", "detail": "Nothing changed for the subscriber."}
    if instance.status == "TERMINATED":
        detail = "The run was terminated through the host's management API, which posts no callback."
        return {**pending, "state": "failed", "detail": detail}
    if STATES[instance.status] and now > instance.updated_at + SETTLING:
        detail = "The task hub has no delivery of this run: it never began, or was purged."
        return {**pending, "state": "failed", "detail": detail}
    return pending


def describe_step(run: Run, observation: Observation, then: Next) -> dict[str, Any]:
    """Return the log line of one step. It holds ids and this app's own words, and no text that Graph sent."""
    problem = observation.get("problem")
    return {
        "event": "poll",
        "runId": run.id,
        **run.wish.target.dump(),
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
