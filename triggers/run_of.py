"""A run out of what the task hub tells of an instance."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any, TypedDict

import msgspec
from durabletask.client import OrchestrationState, OrchestrationStatus

from domain.instance import Instance, UnreadableRun
from domain.run_state import Phase, Target

ORCHESTRATOR = "await_alert"
COMPLETED = OrchestrationStatus.COMPLETED


class _Needed(TypedDict):
    """What is shown of a run's input."""

    target: Target
    callbackUrl: str | None
    createdAt: str
    deadline: str
    phase: Phase
    polls: int
    operation: dict[str, Any] | None


def run_of(state: OrchestrationState) -> Instance | None:
    """Return the run that `state` is; None when it is no run of this app.

    An operator can start `await_alert` by hand, with any id and any input.
    """
    if state.name != ORCHESTRATOR or not is_run_id(state.instance_id):
        return None
    try:
        return Instance(
            id=state.instance_id,
            status=state.runtime_status.name,
            run=_run(state.serialized_input),
            custom_status=plain_json(state.serialized_custom_status) or {},
            # Of a run that failed, backends keep its last words here, as plain text.
            result=plain_json(state.serialized_output) if state.runtime_status is COMPLETED else None,
            updated_at=_aware(state.last_updated_at),
        )
    except (ValueError, RecursionError):
        return None


def unreadable_run_of(state: OrchestrationState) -> UnreadableRun | None:
    """Return the run that `state`, which came without its payloads, belongs to; None when it is no run of this app."""
    if state.name != ORCHESTRATOR or not is_run_id(state.instance_id):
        return None
    return UnreadableRun(state.instance_id, _aware(state.created_at), _aware(state.last_updated_at))


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def is_run_id(text: str) -> bool:
    """Tell whether `text` is a UUID in the one spelling that run ids have."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def plain_json(text: str | None) -> Any:
    """Return what `text` says. The SDK's codec would revive classes that a document names."""
    return json.loads(text) if text else None


def _run(text: str | None) -> Any:
    run = plain_json(text)
    msgspec.convert(run, _Needed)
    return run
