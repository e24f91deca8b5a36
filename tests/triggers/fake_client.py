"""A durable client that keeps instances in memory, and answers as the real hub was seen to."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import grpc
from durabletask.client import OrchestrationState, OrchestrationStatus

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


class Refused(grpc.RpcError):
    """What a stub raises: an error that is a call, too, and so has a code."""

    def __init__(self, code: grpc.StatusCode) -> None:
        super().__init__(code.name)
        self._code = code

    def code(self) -> grpc.StatusCode:
        return self._code


def instance(
    instance_id: str,
    given: Any,
    *,
    name: str = "await_alert",
    status: OrchestrationStatus = OrchestrationStatus.RUNNING,
    custom_status: Any = None,
) -> OrchestrationState:
    """Return the instance as the client reads it."""
    shown = None if custom_status is None else json.dumps(custom_status)
    return OrchestrationState(instance_id, name, status, NOW, NOW, json.dumps(given), None, shown, None)


class FakeClient:
    """The part of the durable client that the triggers call. A test can step in after a start and before an event."""

    def __init__(self, *instances: OrchestrationState) -> None:
        self.instances = {each.instance_id: each for each in instances}
        self.events: list[str] = []
        self.after_start: Callable[[str], None] = lambda _: None
        self.before_event: Callable[[str], None] = lambda _: None
        self.refused_reads: list[grpc.StatusCode | None] = []
        """What each read is refused with, in order; None reads."""

    async def schedule_new_orchestration(self, name: str, *, input: Any, instance_id: str) -> str:  # noqa: A002 -- the SDK's name
        self.instances[instance_id] = instance(instance_id, input, name=name, status=OrchestrationStatus.PENDING)
        self.after_start(instance_id)
        return instance_id

    def put(self, *instances: OrchestrationState) -> None:
        self.instances |= {each.instance_id: each for each in instances}

    def forget(self, instance_id: str) -> None:
        del self.instances[instance_id]

    async def get_orchestration_state(self, instance_id: str) -> OrchestrationState | None:
        if self.refused_reads and (code := self.refused_reads.pop(0)):
            raise Refused(code)
        return self.instances.get(instance_id)

    async def raise_orchestration_event(self, instance_id: str, event_name: str) -> None:
        self.before_event(instance_id)
        if instance_id not in self.instances:
            raise Refused(grpc.StatusCode.NOT_FOUND)
        if self.instances[instance_id].runtime_status.name not in {"PENDING", "RUNNING", "SUSPENDED"}:
            raise Refused(grpc.StatusCode.FAILED_PRECONDITION)
        self.events.append(f"{instance_id} {event_name}")
