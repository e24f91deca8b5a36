"""Entities for virtual time: the SDK's own executor runs the real functions, and their states stay."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import durabletask.internal.helpers as history_events
import durabletask.internal.orchestrator_service_pb2 as pb
from azure.durable_functions.worker import DurableFunctionsWorker
from azure.functions.decorators.function_app import FunctionBuilder


@dataclass
class VirtualEntities:
    """The entities of a task hub. Two instances meet in one when both are given the same `VirtualEntities`."""

    functions: Mapping[str, FunctionBuilder] = field(default_factory=dict)
    operations: list[tuple[str, str, Any]] = field(default_factory=list)
    """Each operation in its order: the entity's id as `@name@key`, the operation's name, its input."""
    silent: bool = False
    """Whether no call is answered, as the real task hub drops them all with its default settings."""
    _states: dict[str, str] = field(default_factory=dict)

    def state(self, entity_id: str) -> Any:
        """Return the state, or None when the entity does not exist."""
        return json.loads(self._states[entity_id]) if entity_id in self._states else None

    def put(self, entity_id: str, state: Any) -> None:
        """Let the entity have `state`, as only another version of the app or a hand could."""
        self._states[entity_id] = json.dumps(state)

    def operate(self, entity_id: str, operation: str, given: Any = None) -> pb.OperationResult:
        """Run one operation now: what an orchestration, a client or an operator sends."""
        self.operations.append((entity_id, operation, given))
        request = pb.EntityBatchRequest(instanceId=entity_id)
        request.entityState.value = self._states.get(entity_id, "")
        request.operations.add(operation=operation).input.value = "" if given is None else json.dumps(given)
        builder = self.functions[entity_id.split("@")[1]]
        function = vars(builder._function._func)["entity_function"]  # noqa: SLF001 - as in virtual_time
        body = base64.b64encode(request.SerializeToString()).decode()
        answer = DurableFunctionsWorker().execute_entity_batch_request(function, body)
        result = pb.EntityBatchResult.FromString(base64.b64decode(answer))
        assert not result.actions, "virtual time does not know what an entity may send"
        self._states.pop(entity_id, None)
        if result.entityState.value:
            self._states[entity_id] = result.entityState.value
        return result.results[0]


def sent_event(
    task_id: int, message: pb.EntityOperationCalledEvent | pb.EntityOperationSignaledEvent
) -> pb.HistoryEvent:
    """Return the event that remembers a call or a signal.

    In Azure the extension writes entity messages in the protocol of older days, as events that were sent and raised
    (durabletask/worker.py); the emulator's task hub writes them in today's. The executor reads both.
    """
    identified = json.dumps({"id": message.requestId})
    return history_events.new_event_sent_event(task_id, message.targetInstanceId.value, identified)


def answer_event(request_id: str, result: pb.OperationResult) -> pb.HistoryEvent:
    """Return the event that answers a call."""
    if result.HasField("failure"):
        details = result.failure.failureDetails
        answer: dict[str, Any] = {"exceptionType": details.errorType, "result": json.dumps(details.errorMessage)}
    else:
        answer = {"result": result.success.result.value or None}
    return history_events.new_event_raised_event(request_id, json.dumps(answer))
