"""Entity messages as a history keeps them in Azure: events that are sent and raised, with documents as their inputs.

Source: azure-functions-durable-extension EntityScheduler/RequestMessage.cs and ResponseMessage.cs.
"""

# ruff: noqa: N802 -- the method names are the gRPC service's
import json
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.testing.in_memory_backend import OrchestrationInstance

from emulator.host.hub.entity_locks import EntityLocks

UNKNOWN_ENTITY = "EntityFunctionNotFound"


class EntityMessages(EntityLocks):
    """Turns the events of the entity protocol, which the base class writes, into those of the older one."""

    def __init__(self) -> None:
        super().__init__()
        self._signals: list[tuple[str, pb.HistoryEvent]] | None = None

    def CompleteOrchestratorTask(
        self, request: pb.OrchestratorResponse, context: grpc.ServicerContext
    ) -> pb.CompleteTaskResponse:
        """Deliver the turn's signals when all else is delivered, where nothing keeps their order."""
        with self._lock:
            self._signals = [] if self.options.reorders_signals else None
            response = super().CompleteOrchestratorTask(request, context)
            signals, self._signals = self._signals or [], None
            for entity_id, event in reversed(signals):
                self._queue_entity_operation(entity_id, event)
        return response

    def _queue_entity_operation(self, entity_id: str, event: pb.HistoryEvent) -> None:
        if self._signals is not None and event.HasField("entityOperationSignaled"):
            self._signals.append((entity_id, event))
        else:
            super()._queue_entity_operation(entity_id, event)

    def _process_send_entity_message_action(
        self, instance: OrchestrationInstance, action: pb.OrchestratorAction
    ) -> None:
        super()._process_send_entity_message_action(instance, action)
        instance.history[-1].CopyFrom(_sent(instance.history[-1]))

    def _enqueue_orchestration(self, instance_id: str) -> None:
        for event in self._instances[instance_id].pending_events:
            if answer := _answer(event):
                name, document = answer
                raised = pb.EventRaisedEvent(name=name)
                raised.input.value = json.dumps(document)
                event.eventRaised.CopyFrom(raised)
        super()._enqueue_orchestration(instance_id)


def _sent(event: pb.HistoryEvent) -> pb.HistoryEvent:
    kind = str(event.WhichOneof("eventType"))
    message = getattr(event, kind)
    document: dict[str, Any]
    if kind == "entityLockRequested":
        target = message.lockSet[message.position]
        document = {"id": message.criticalSectionId, "lockset": list(message.lockSet), "parent": _parent(message)}
    elif kind == "entityUnlockSent":
        target = message.targetInstanceId.value
        document = {"id": message.criticalSectionId, "parent": _parent(message)}
    else:
        target = message.targetInstanceId.value
        document = {"op": message.operation, "id": message.requestId}
        if message.HasField("input"):
            document["input"] = message.input.value
        document |= {"signal": True} if kind == "entityOperationSignaled" else {"parent": _parent(message)}
    sent = pb.HistoryEvent(eventId=event.eventId, timestamp=event.timestamp)
    sent.eventSent.instanceId = target
    sent.eventSent.name = "release" if kind == "entityUnlockSent" else "op"
    sent.eventSent.input.value = json.dumps(document)
    return sent


def _parent(message: Any) -> str:
    return str(message.parentInstanceId.value)


def _answer(event: pb.HistoryEvent) -> tuple[str, dict[str, Any]] | None:
    """Return the name and the document of an entity's answer; None for any other event."""
    match event.WhichOneof("eventType"):
        case "entityLockGranted":
            return event.entityLockGranted.criticalSectionId, {"result": None}
        case "entityOperationCompleted":
            done = event.entityOperationCompleted
            return done.requestId, {"result": done.output.value if done.HasField("output") else "null"}
        case "entityOperationFailed":
            failed = event.entityOperationFailed
            return failed.requestId, _failure(failed.failureDetails)
    return None


def _failure(details: pb.TaskFailureDetails) -> dict[str, Any]:
    """Return the answer of an operation that failed; the one of an unknown entity is plain text where JSON must be."""
    if details.errorType == UNKNOWN_ENTITY:
        return {"exceptionType": details.errorType, "result": details.errorMessage}
    return {
        "exceptionType": details.errorType,
        "failureDetails": {
            "ErrorType": details.errorType,
            "ErrorMessage": details.errorMessage,
            "StackTrace": details.stackTrace.value or None,
            "IsNonRetriable": details.isNonRetriable,
        },
    }
