"""The run document: what the API shows of a run, made from what the durable instance keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict, cast

from domain.problem import Problem, is_problem, problem
from domain.run_state import RunState, Target
from domain.timestamps import format_timestamp

type State = Literal["queued", "refreshing", "waiting", "fetching", "succeeded", "failed", "timedOut", "cancelled"]


class Links(TypedDict):
    """Absolute URLs of the run. They hold `?code=` only when the caller itself used it."""

    self: str
    result: str
    cancel: str


class Callback(TypedDict):
    """Where the ending goes, and whether it got there. Of the callback URL only the host is ever shown."""

    host: str
    state: Literal["pending", "delivering", "delivered", "failed", "cancelled"]
    attempts: int
    nextAttemptAt: str | None
    detail: str | None


class RunDocument(TypedDict):
    """A run, whatever became of it. Times are UTC; `polls` counts the looks at the operation."""

    id: str
    state: State
    target: Target
    createdAt: str
    updatedAt: str
    deadline: str
    polls: int
    nextPollAt: str | None
    operation: dict[str, Any] | None
    problem: Problem | None
    callback: Callback | None
    links: Links


@dataclass(frozen=True, slots=True)
class Instance:
    """A durable instance as the task hub gives it; `status` is the durable runtime status in capitals."""

    id: str
    status: str
    run: RunState
    custom_status: Mapping[str, Any]
    result: Any
    updated_at: datetime


ALIVE = frozenset({"PENDING", "RUNNING", "CONTINUED_AS_NEW", "SUSPENDED"})

ENDED: Mapping[str, State] = {
    "COMPLETED": "succeeded",
    "FAILED": "failed",
    "TERMINATED": "cancelled",
    "CANCELED": "cancelled",
}


def is_alive(instance: Instance) -> bool:
    return instance.status in ALIVE


def state_of(instance: Instance) -> State:
    """Return one of `queued refreshing waiting fetching succeeded failed timedOut cancelled`."""
    if is_alive(instance):
        # Pending too may carry a phase: after a continue-as-new.
        return cast("State", instance.custom_status.get("phase") or "queued")
    ended = ENDED[instance.status]
    return "timedOut" if ended == "failed" and is_problem(problem_of(instance), "timed-out") else ended


def problem_of(instance: Instance) -> Problem | None:
    """Return why the run ended without an alert, or None when it did not."""
    ended = ENDED.get(instance.status)
    if ended == "cancelled":
        return problem("run-cancelled", "Start it again with the same POST.")
    if ended != "failed":
        return None
    told: Problem | None = instance.custom_status.get("problem")
    return told or problem("internal-error", f"Look for the run id {instance.id} in the app's logs, and report it.")


def run_document(instance: Instance, links: Links) -> RunDocument:
    """Return the run document, with `links` as they are."""
    run, shown = instance.run, instance.custom_status
    return {
        "id": instance.id,
        "state": state_of(instance),
        "target": run["target"],
        "createdAt": run["createdAt"],
        "updatedAt": format_timestamp(instance.updated_at),
        "deadline": run["deadline"],
        "polls": shown.get("polls", run["polls"]),
        "nextPollAt": shown.get("nextPollAt") if is_alive(instance) else None,
        "operation": shown.get("operation", run["operation"]),
        "problem": problem_of(instance),
        "callback": None,
        "links": links,
    }
