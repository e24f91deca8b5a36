"""Orchestrators in virtual time: the SDK's own executor, real protobuf histories, activities as functions, no waiting.

A five-minute operation takes milliseconds. Every step starts from the history alone, as on Azure, and `replay` starts
from every step again.
"""

import base64
import heapq
import itertools
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import durabletask.internal.helpers as history_events
import durabletask.internal.orchestrator_service_pb2 as pb
from azure.durable_functions.worker import DurableFunctionsWorker
from azure.functions.decorators.function_app import FunctionBuilder

from tests.support.virtual_entities import VirtualEntities, answer_event, sent_event

# As function_app does. The answers of entities are read without a type, and loosely that is a warning, once a process.
os.environ.setdefault("AZURE_FUNCTIONS_DURABLE_STRICT_TYPING", "1")

type Activity = Callable[[Any], Any]
type Happening = Callable[[], pb.HistoryEvent | None]

OUTSIDE = 1_000_000
"""Order from which on others act: what they do at one time comes last, after a turn may have ended the history."""

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@dataclass
class VirtualTime:
    """A task hub for one instance. `now` is its time; `latency` passes between a schedule and its activity."""

    orchestrator: FunctionBuilder
    activities: Mapping[str, Activity]
    latency: timedelta = timedelta(0)
    early: timedelta = timedelta(0)
    """How much before its time a timer fires, as the Azure Storage backend lets it."""
    late: timedelta = timedelta(0)
    events: Mapping[str, timedelta] = field(default_factory=dict)
    """External events: name, and how long after the start they come."""
    entities: VirtualEntities = field(default_factory=VirtualEntities)
    """What it calls and signals. An operation is done at once; a call is answered after `latency`."""
    meanwhile: Sequence[tuple[timedelta, Happening]] = ()
    """What others do: how long after the start, and what."""
    now: datetime = START
    calls: list[tuple[datetime, str, Any]] = field(default_factory=list)
    """When each activity ran, its name and its input."""
    children: list[tuple[str, str, Any]] = field(default_factory=list)
    """Each orchestration that was started from this one: its name, its id, its input. They do not run."""
    custom_statuses: list[dict[str, Any]] = field(default_factory=list)
    steps: list[tuple[pb.OrchestratorRequest, pb.OrchestratorResponse]] = field(default_factory=list)
    status: str = "RUNNING"
    output: Any = None
    failure: str = ""
    _due: list[tuple[datetime, int, Happening]] = field(default_factory=list)
    _order: "itertools.count[int]" = field(default_factory=itertools.count)
    _timers: set[int] = field(default_factory=set)

    def run(self, orchestration_input: Any, instance_id: str = "run-1") -> "VirtualTime":
        """Run the instance to its end and return self."""
        name = str(self.orchestrator._function.get_function_name())  # noqa: SLF001 - the SDK's own tests reach it so
        history: list[pb.HistoryEvent] = []
        arrived = [history_events.new_execution_started_event(name, instance_id, json.dumps(orchestration_input))]
        for event, after in self.events.items():
            self._at(self.now + after, partial(history_events.new_event_raised_event, event), OUTSIDE)
        for after, happen in self.meanwhile:
            self._at(self.now + after, happen, OUTSIDE)
        while True:
            new = [history_events.new_orchestrator_started_event(self.now), *arrived]
            request = pb.OrchestratorRequest(instanceId=instance_id, pastEvents=history, newEvents=new)
            response = self.executed(request)
            self.steps.append((request, response))
            if response.HasField("customStatus"):
                self.custom_statuses.append(json.loads(response.customStatus.value))
            history += [*new, *(self._begin(action) for action in response.actions if not _ended(action))]
            history.append(history_events.new_orchestrator_completed_event())
            if ended := next((action.completeOrchestration for action in response.actions if _ended(action)), None):
                if ended.orchestrationStatus != pb.ORCHESTRATION_STATUS_CONTINUED_AS_NEW:
                    return self._end(ended)
                # The task hub drops the timers of the history that ends.
                self._due = [due for due in self._due if due[1] not in self._timers]
                heapq.heapify(self._due)
                assert all(order >= OUTSIDE for _, order, _ in self._due), "continued as new with work still open"
                started = history_events.new_execution_started_event(name, instance_id, ended.result.value)
                history, arrived = [], [started, *ended.carryoverEvents]
            else:
                arrived = []
                while not arrived:
                    self.now = max(self.now, self._due[0][0])
                    arrived = list(self._happened())

    def replay(self) -> None:
        """Execute every step again from its history alone: the same actions and the same status must come out."""
        for request, response in self.steps:
            assert self.executed(request) == response

    def executed(self, request: pb.OrchestratorRequest) -> pb.OrchestratorResponse:
        """Return what the orchestrator answers to `request`; nothing is done about it."""
        function = vars(self.orchestrator._function._func)["orchestrator_function"]  # noqa: SLF001 - as above
        body = base64.b64encode(request.SerializeToString()).decode()
        answer = DurableFunctionsWorker().execute_orchestration_request(function, body)
        return pb.OrchestratorResponse.FromString(base64.b64decode(answer))

    def _begin(self, action: pb.OrchestratorAction) -> pb.HistoryEvent:
        """Do what the orchestrator asked for, and return the event that remembers it."""
        match action.WhichOneof("orchestratorActionType"):
            case "scheduleTask":
                task = action.scheduleTask
                self._at(self.now + self.latency, self._activity(action.id, task.name, task.input.value))
                return history_events.new_task_scheduled_event(action.id, task.name, task.input.value)
            case "createTimer":
                fire_at = action.createTimer.fireAt.ToDatetime(UTC)
                due = max(self.now, fire_at - self.early) + self.late
                fired = partial(history_events.new_timer_fired_event, action.id, fire_at)
                self._timers.add(self._at(due, fired))
                return history_events.new_timer_created_event(action.id, fire_at)
            case "createSubOrchestration":
                child = action.createSubOrchestration
                self.children.append((child.name, child.instanceId, json.loads(child.input.value)))
                return history_events.new_sub_orchestration_created_event(
                    action.id, child.name, child.instanceId, child.input.value
                )
            case "sendEntityMessage":
                return self._operate(action.id, action.sendEntityMessage)
            case other:
                raise AssertionError(f"virtual time does not know the action {other}")

    def _operate(self, task_id: int, message: pb.SendEntityMessageAction) -> pb.HistoryEvent:
        kind = message.WhichOneof("EntityMessageType")
        assert kind in {"entityOperationCalled", "entityOperationSignaled"}, f"virtual time does not know {kind}"
        sent = getattr(message, kind)
        assert not sent.HasField("scheduledTime"), "virtual time does not know signals that come later"
        given = json.loads(sent.input.value) if sent.HasField("input") else None
        result = self.entities.operate(sent.targetInstanceId.value, sent.operation, given)
        if kind == "entityOperationCalled" and not self.entities.silent:
            self._at(self.now + self.latency, partial(answer_event, sent.requestId, result))
        return sent_event(task_id, sent)

    def _happened(self) -> Iterator[pb.HistoryEvent]:
        """Yield what has happened by now: a task hub hands all of it over at once."""
        while self._due and self._due[0][0] <= self.now:
            if event := heapq.heappop(self._due)[2]():
                yield event

    def _at(self, due: datetime, happen: Happening, first: int = 0) -> int:
        order = first + next(self._order)
        heapq.heappush(self._due, (due, order, happen))
        return order

    def _activity(self, task_id: int, name: str, encoded: str) -> Happening:
        def happen() -> pb.HistoryEvent:
            self.calls.append((self.now, name, json.loads(encoded)))
            try:
                value = self.activities[name](json.loads(encoded))
            except Exception as error:  # noqa: BLE001 - the host, too, hands on whatever an activity raises, as text
                return history_events.new_task_failed_event(task_id, error)
            return history_events.new_task_completed_event(task_id, json.dumps(value))

        return happen

    def _end(self, ended: pb.CompleteOrchestrationAction) -> "VirtualTime":
        self.status = pb.OrchestrationStatus.Name(ended.orchestrationStatus).removeprefix("ORCHESTRATION_STATUS_")
        self.output = json.loads(ended.result.value) if ended.result.value else None
        self.failure = ended.failureDetails.errorMessage
        return self


def _ended(action: pb.OrchestratorAction) -> bool:
    return bool(action.HasField("completeOrchestration"))
