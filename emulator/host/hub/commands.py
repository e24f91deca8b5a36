"""Events and commands to instances, and which of them an instance refuses in its state.

What is refused with which gRPC status was measured on the extension 3.19 with the Azure Storage backend.
"""

# ruff: noqa: N802 -- the method names are the gRPC service's
import json
import uuid

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.testing.in_memory_backend import OrchestrationInstance

from emulator.host.hub.queries import Queries

SUSPENDED = pb.ORCHESTRATION_STATUS_SUSPENDED


class Commands(Queries):
    """Refuses what the base class takes and forgets."""

    def RaiseEvent(self, request: pb.RaiseEventRequest, context: grpc.ServicerContext) -> pb.RaiseEventResponse:
        """Raise an event. One for an instance that is scheduled for later is accepted and lost."""
        if not request.name:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "The event needs a name.")
        with self._lock:
            instance = self._find(request.instanceId, context)
            if self._is_terminal_status(instance.status):
                reason = "The orchestration instance with the provided instance id is not running."
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, reason)
            if self._is_put_off(request.instanceId):
                return pb.RaiseEventResponse()
            return super().RaiseEvent(request, context)

    def TerminateInstance(self, request: pb.TerminateRequest, context: grpc.ServicerContext) -> pb.TerminateResponse:
        """Terminate an instance. Its children run on, whatever `recursive` says."""
        with self._lock:
            self._find_alive(request.instanceId, "terminate", context)
            return super().TerminateInstance(request, context)

    def SuspendInstance(self, request: pb.SuspendRequest, context: grpc.ServicerContext) -> pb.SuspendResponse:
        with self._lock:
            instance = self._find_alive(request.instanceId, "suspend", context)
            if instance.status == SUSPENDED:
                _refuse("suspend", instance, context)
            return super().SuspendInstance(request, context)

    def ResumeInstance(self, request: pb.ResumeRequest, context: grpc.ServicerContext) -> pb.ResumeResponse:
        with self._lock:
            instance = self._find_alive(request.instanceId, "resume", context)
            if instance.status != SUSPENDED:
                _refuse("resume", instance, context)
            return super().ResumeInstance(request, context)

    def RestartInstance(
        self, request: pb.RestartInstanceRequest, context: grpc.ServicerContext
    ) -> pb.RestartInstanceResponse:
        """Start the instance again, with the app's version now; under a new id even one that still runs."""
        with self._lock:
            instance = self._find(request.instanceId, context)
            new_id = uuid.uuid4().hex if request.restartWithNewInstanceId else request.instanceId
            if new_id == request.instanceId and not self._is_terminal_status(instance.status):
                _refuse("restart", instance, context)
            again = pb.CreateInstanceRequest(instanceId=new_id, name=instance.name, tags=instance.tags)
            if instance.input:
                again.input.value = compact(instance.input)
            self.StartInstance(again, context)
        return pb.RestartInstanceResponse(instanceId=new_id)

    def _find(self, instance_id: str, context: grpc.ServicerContext) -> OrchestrationInstance:
        if instance_id not in self._instances:
            context.abort(grpc.StatusCode.NOT_FOUND, f"The orchestration instance '{instance_id}' is not found.")
        return self._instances[instance_id]

    def _find_alive(self, instance_id: str, verb: str, context: grpc.ServicerContext) -> OrchestrationInstance:
        instance = self._find(instance_id, context)
        if self._is_terminal_status(instance.status):
            _refuse(verb, instance, context)
        return instance

    def _after_turn(self, instance: OrchestrationInstance, length_before: int) -> None:
        """Show the reason of a suspension as the output, for as long as it lasts."""
        super()._after_turn(instance, length_before)
        if self._is_terminal_status(instance.status):
            return
        for event in instance.history[length_before:]:
            if event.HasField("executionSuspended"):
                instance.output = event.executionSuspended.input.value
            elif event.HasField("executionResumed"):
                instance.output = None


def compact(document: str) -> str:
    """Return the JSON text without blanks between its parts, as .NET writes it."""
    try:
        return json.dumps(json.loads(document), separators=(",", ":"), ensure_ascii=False)
    except ValueError:
        return document


def _refuse(verb: str, instance: OrchestrationInstance, context: grpc.ServicerContext) -> None:
    state = pb.OrchestrationStatus.Name(instance.status).removeprefix("ORCHESTRATION_STATUS_").capitalize()
    reason = f"Cannot {verb} the orchestration instance '{instance.instance_id}': its state is {state}."
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, reason)
