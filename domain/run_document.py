"""The run document: what the API shows of a run, made from what the durable instance keeps."""

from typing import Any, Literal, TypedDict

from domain.callback_url import callback_host
from domain.delivery import DeliveryStatus
from domain.instance import Instance, State, is_alive, problem_of, state_of
from domain.problem import Problem
from domain.run_state import Target
from domain.timestamps import format_timestamp


class Links(TypedDict):
    """Absolute URLs of the run. They hold `?code=` only when the caller itself used it."""

    self: str
    result: str
    cancel: str


class Callback(TypedDict):
    """Where the outcome goes, and whether it got there. Of the callback URL only the host is ever shown."""

    host: str
    state: Literal["pending", "delivering", "delivered", "failed", "cancelled"]
    """`pending` until the run is over."""
    attempts: int
    nextAttemptAt: str | None
    detail: str | None


class RunSummary(TypedDict):
    """A run, whatever became of it. Times are UTC."""

    id: str
    state: State
    """`unreadable` when the run is too large for the task hub to send: only its id and its times are known."""
    target: Target | None
    """Null when the run is unreadable."""
    createdAt: str
    updatedAt: str
    deadline: str | None
    """Null when the run is unreadable."""
    polls: int | None
    """How often the operation was polled; null when the run is unreadable."""
    nextPollAt: str | None
    problem: Problem | None
    links: Links


class RunDocument(TypedDict):
    """A run with the operation as last seen, and its callback. Times are UTC."""

    id: str
    state: State
    target: Target
    createdAt: str
    updatedAt: str
    deadline: str
    polls: int
    """How often the operation was polled."""
    nextPollAt: str | None
    problem: Problem | None
    links: Links
    operation: dict[str, Any] | None
    callback: Callback | None


def run_document(instance: Instance, delivery: DeliveryStatus | None, links: Links) -> RunDocument:
    """Return the run document, with `links` as they are; `delivery` is None as long as there is none."""
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
        "callback": callback(instance, delivery),
        "links": links,
    }


def callback(instance: Instance, delivery: DeliveryStatus | None) -> Callback | None:
    """Return what is shown of the run's callback, or None when it has none."""
    url = instance.run["callbackUrl"]
    if url is None:
        return None
    host = callback_host(url)
    if delivery is not None:
        return {"host": host, **delivery}
    if instance.status == "TERMINATED":
        detail = "The run was terminated through the host's management API, which leaves it no time to call back."
        return {"host": host, "state": "failed", "attempts": 0, "nextAttemptAt": None, "detail": detail}
    return {"host": host, "state": "pending", "attempts": 0, "nextAttemptAt": None, "detail": None}
