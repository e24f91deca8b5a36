"""When an id may be taken again, and starts that were put off."""

# ruff: noqa: N802 -- the method names are the gRPC service's
from collections import deque
from datetime import UTC, datetime, timedelta

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.testing.in_memory_backend import OrchestrationInstance

from emulator.host.hub.traces import Traces
from emulator.host.hub.turns import TERMINAL
from emulator.host.utf16 import utf16_length

LONGEST_ID = 512
"""In UTF-16 code units: a key of Azure Table Storage holds no more."""


class Starts(Traces):
    """Starts of top-level instances."""

    def __init__(self) -> None:
        super().__init__()
        self._put_off: dict[str, OrchestrationInstance] = {}
        self._late: dict[str, int] = {}

    def StartInstance(
        self, request: pb.CreateInstanceRequest, context: grpc.ServicerContext
    ) -> pb.CreateInstanceResponse:
        """Start an instance. An id is free when it is new, when it ended, and until its first turn is handed out.

        Of starts of one new id at the same moment the real hub accepts several and runs the last. An id that begins
        with `@` is an entity's: it is accepted, and no orchestration runs under it.
        Source: azure-functions-durable-extension OverridableStates.cs, NonRunningStates.
        """
        if utf16_length(request.instanceId) > LONGEST_ID:
            context.abort(grpc.StatusCode.UNKNOWN, "Exception was thrown by handler.")
        if not request.orchestrationIdReusePolicy.replaceableStatus:
            request.orchestrationIdReusePolicy.replaceableStatus.extend(TERMINAL)
        with self._lock:
            if self._waits_for_first_turn(request.instanceId):
                request.orchestrationIdReusePolicy.replaceableStatus.append(pb.ORCHESTRATION_STATUS_PENDING)
            response = super().StartInstance(request, context)
            self._parents.pop(response.instanceId, None)
            self._begin_execution(response.instanceId)
            if response.instanceId.startswith("@"):
                self._instances[response.instanceId].status = pb.ORCHESTRATION_STATUS_RUNNING
            elif request.HasField("scheduledStartTimestamp"):
                self._put_off_start(response.instanceId, request.scheduledStartTimestamp.ToDatetime(tzinfo=UTC))
            elif self.options.timing.start_seconds:
                self._start_late(response.instanceId)
        return response

    def _start_late(self, instance_id: str) -> None:
        """Hold the first turn back for a while, in which the instance takes events and commands."""
        self._late[instance_id] = self._executions[instance_id]
        self._hold_back_turns(instance_id)
        due = datetime.now(UTC) + timedelta(seconds=self.options.timing.start_seconds)
        self._timers.at(due, self._later(instance_id, self._begin_late))

    def _begin_late(self, instance: OrchestrationInstance) -> None:
        del self._late[instance.instance_id]
        self._enqueue_orchestration(instance.instance_id)

    def _is_late(self, instance_id: str) -> bool:
        return instance_id in self._late and self._late[instance_id] == self._executions[instance_id]

    def _waits_for_first_turn(self, instance_id: str) -> bool:
        instance = self._instances.get(instance_id)
        return (
            instance is not None
            and instance.status == pb.ORCHESTRATION_STATUS_PENDING
            and instance_id not in self._orchestration_in_flight
            and not self._is_put_off(instance_id)
            and not self._is_late(instance_id)
        )

    def _put_off_start(self, instance_id: str, due: datetime) -> None:
        """Hold the first turn back until `due`; the base class only dates it so."""
        if due > datetime.now(UTC):
            self._put_off[instance_id] = self._instances[instance_id]
            self._hold_back_turns(instance_id)
            self._timers.at(due, self._later(instance_id, self._start_now))

    def _hold_back_turns(self, instance_id: str) -> None:
        """Take the id out of the queue, where a start that was replaced can have left it a second time."""
        self._orchestration_queue = deque(queued for queued in self._orchestration_queue if queued != instance_id)
        self._orchestration_queue_set.discard(instance_id)

    def _start_now(self, instance: OrchestrationInstance) -> None:
        del self._put_off[instance.instance_id]
        self._enqueue_orchestration(instance.instance_id)

    def _enqueue_orchestration(self, instance_id: str) -> None:
        if not (self._is_put_off(instance_id) or self._is_late(instance_id) or instance_id.startswith("@")):
            super()._enqueue_orchestration(instance_id)

    def _is_put_off(self, instance_id: str) -> bool:
        instance = self._put_off.get(instance_id)
        if instance is None or self._instances[instance_id] is not instance:
            return False
        return not any(event.HasField("executionTerminated") for event in instance.pending_events)
