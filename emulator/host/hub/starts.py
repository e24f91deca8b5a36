"""When an id may be taken again, and starts that were put off."""

# ruff: noqa: N802 -- the method names are the gRPC service's
from datetime import UTC, datetime

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.testing.in_memory_backend import OrchestrationInstance

from emulator.host.hub.traces import Traces
from emulator.host.hub.turns import TERMINAL


class Starts(Traces):
    """Starts of top-level instances."""

    def __init__(self) -> None:
        super().__init__()
        self._put_off: dict[str, OrchestrationInstance] = {}

    def StartInstance(
        self, request: pb.CreateInstanceRequest, context: grpc.ServicerContext
    ) -> pb.CreateInstanceResponse:
        """Start an instance; the id of one that is over is taken again, otherwise ALREADY_EXISTS.

        Source: azure-functions-durable-extension OverridableStates.cs, NonRunningStates.
        """
        if not request.orchestrationIdReusePolicy.replaceableStatus:
            request.orchestrationIdReusePolicy.replaceableStatus.extend(TERMINAL)
        with self._lock:
            response = super().StartInstance(request, context)
            self._parents.pop(response.instanceId, None)
            self._begin_execution(response.instanceId)
            if request.HasField("scheduledStartTimestamp"):
                self._put_off_start(response.instanceId, request.scheduledStartTimestamp.ToDatetime(tzinfo=UTC))
        return response

    def _put_off_start(self, instance_id: str, due: datetime) -> None:
        """Hold the first turn back until `due`; the base class only dates it so."""
        if due > datetime.now(UTC):
            self._put_off[instance_id] = self._instances[instance_id]
            self._orchestration_queue.remove(instance_id)
            self._orchestration_queue_set.discard(instance_id)
            self._timers.at(due, self._later(instance_id, self._start_now))

    def _start_now(self, instance: OrchestrationInstance) -> None:
        del self._put_off[instance.instance_id]
        self._enqueue_orchestration(instance.instance_id)

    def _enqueue_orchestration(self, instance_id: str) -> None:
        if not self._is_put_off(instance_id):
            super()._enqueue_orchestration(instance_id)

    def _is_put_off(self, instance_id: str) -> bool:
        instance = self._put_off.get(instance_id)
        if instance is None or self._instances[instance_id] is not instance:
            return False
        return not any(event.HasField("executionTerminated") for event in instance.pending_events)
