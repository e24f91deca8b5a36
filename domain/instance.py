"""A run as the durable task hub keeps it, and what its durable status means."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast

from domain.problem import RUN_CANCELLED, Problem, ProblemName, internal_error, is_problem, of_run
from domain.run_state import RunState

type State = Literal[
    "queued", "refreshing", "waiting", "fetching", "succeeded", "failed", "timedOut", "cancelled", "unreadable"
]
"""`unreadable`: the run is too large for one message of the task hub; only a list names it."""


class Instance(NamedTuple):
    """A durable instance as the task hub gives it; `status` is the durable runtime status in capitals."""

    id: str
    status: str
    run: RunState
    custom_status: Mapping[str, Any]
    result: Any
    updated_at: datetime


class UnreadableRun(NamedTuple):
    """A run of which the task hub can send no more than this: with its result it is larger than one message."""

    id: str
    created_at: datetime
    """By the hub's clock."""
    updated_at: datetime


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
"""Durable runtime status → state; None while the run is alive: then its phase tells."""

UNLESS: Mapping[State, tuple[ProblemName, State]] = {
    "succeeded": ("run-cancelled", "cancelled"),
    "failed": ("timed-out", "timedOut"),
}
"""What one problem each makes of it: a run that was told to end is Completed, and an exhausted deadline is Failed."""


def is_alive(instance: Instance) -> bool:
    return STATES[instance.status] is None


def state_of(instance: Instance) -> State:
    ended = STATES[instance.status]
    if ended is None:
        # Pending too may carry a phase: after a continue-as-new.
        return cast("State", instance.custom_status.get("phase") or "queued")
    if ended in UNLESS:
        name, state = UNLESS[ended]
        return state if is_problem(problem_of(instance), name) else ended
    return ended


def problem_of(instance: Instance) -> Problem | None:
    """Return why the run ended without an alert, or None when it did not."""
    ended = STATES[instance.status]
    if ended is None:
        return None
    if ended == "cancelled":
        return of_run(RUN_CANCELLED, instance.id)
    told: Problem | None = instance.custom_status.get("problem")
    return told or (internal_error(instance.id) if ended == "failed" else None)
