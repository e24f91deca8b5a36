"""The run document: what the API shows of a run, made from what the durable instance keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.problem import Problem, is_problem, problem
from domain.run_state import RunState
from domain.timestamps import format_timestamp


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

ENDED: Mapping[str, str] = {
    "COMPLETED": "succeeded",
    "FAILED": "failed",
    "TERMINATED": "cancelled",
    "CANCELED": "cancelled",
}


def is_alive(instance: Instance) -> bool:
    return instance.status in ALIVE


def state_of(instance: Instance) -> str:
    """Return one of `queued refreshing waiting fetching succeeded failed timedOut cancelled`."""
    if is_alive(instance):
        # Pending too may carry a phase: after a continue-as-new.
        return str(instance.custom_status.get("phase") or "queued")
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


def run_document(instance: Instance, links: Mapping[str, str]) -> dict[str, Any]:
    """Return the run document, with `links` (`self`, `result`, `cancel`) as they are."""
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
        "links": dict(links),
    }
