"""Orchestrators in virtual time: the SDK's own executor, real protobuf histories, activities as functions, no waiting.

A five-minute operation takes milliseconds. Every step starts from the history alone, as on Azure, and `replay` starts
from every step again.
"""

import base64
import heapq
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import durabletask.internal.helpers as events
import durabletask.internal.orchestrator_service_pb2 as pb
from azure.durable_functions.worker import DurableFunctionsWorker
from azure.functions.decorators.function_app import FunctionBuilder

type Activity = Callable[[Any], Any]

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@dataclass
class VirtualTime:
    """A task hub for one instance. `now` is its time; `latency` passes between a schedule and its activity."""

    orchestrator: FunctionBuilder
    activities: Mapping[str, Activity]
    latency: timedelta = timedelta(0)
    now: datetime = START
    calls: list[tuple[datetime, str, Any]] = field(default_factory=list)
    """When each activity ran, its name and its input."""
    custom_statuses: list[dict[str, Any]] = field(default_factory=list)
    steps: list[tuple[pb.OrchestratorRequest, pb.OrchestratorResponse]] = field(default_factory=list)
    status: str = "RUNNING"
    output: Any = None
    failure: str = ""

    def run(self, orchestration_input: Any, instance_id: str = "run-1") -> "VirtualTime":
        """Run the instance to its end and return self."""
        name = str(self.orchestrator._function.get_function_name())  # noqa: SLF001 - the SDK's own tests reach it so
        history: list[pb.HistoryEvent] = []
        started = events.new_execution_started_event(name, instance_id, json.dumps(orchestration_input))
        arrived: list[pb.HistoryEvent] = [started]
        due: list[tuple[datetime, int, Callable[[], pb.HistoryEvent]]] = []
        order = itertools.count()
        while True:
            new = [events.new_orchestrator_started_event(self.now), *arrived]
            request = pb.OrchestratorRequest(instanceId=instance_id, pastEvents=history, newEvents=new)
            response = self._execute(request)
            self.steps.append((request, response))
            history += new
            if response.HasField("customStatus"):
                self.custom_statuses.append(json.loads(response.customStatus.value))
            for action in response.actions:
                match action.WhichOneof("orchestratorActionType"):
                    case "scheduleTask":
                        task = action.scheduleTask
                        history.append(events.new_task_scheduled_event(action.id, task.name, task.input.value))
                        done = self._activity(action.id, task.name, task.input.value)
                        heapq.heappush(due, (self.now + self.latency, next(order), done))
                    case "createTimer":
                        fire_at = action.createTimer.fireAt.ToDatetime(UTC)
                        history.append(events.new_timer_created_event(action.id, fire_at))
                        heapq.heappush(due, (fire_at, next(order), self._timer(action.id, fire_at)))
                    case "completeOrchestration":
                        ended = action.completeOrchestration
                    case other:
                        raise AssertionError(f"virtual time does not know the action {other}")
            history.append(events.new_orchestrator_completed_event())
            if any(action.HasField("completeOrchestration") for action in response.actions):
                if ended.orchestrationStatus != pb.ORCHESTRATION_STATUS_CONTINUED_AS_NEW:
                    return self._end(ended)
                assert not due, "continued as new with work still open"
                history, arrived = [], [events.new_execution_started_event(name, instance_id, ended.result.value)]
                continue
            at, _, happen = heapq.heappop(due)
            self.now = max(self.now, at)
            arrived = [happen()]

    def replay(self) -> None:
        """Execute every step again from its history alone: the same actions and the same status must come out."""
        for request, response in self.steps:
            assert self._execute(request) == response

    def _execute(self, request: pb.OrchestratorRequest) -> pb.OrchestratorResponse:
        function = vars(self.orchestrator._function._func)["orchestrator_function"]  # noqa: SLF001 - as above
        body = base64.b64encode(request.SerializeToString()).decode()
        answer = DurableFunctionsWorker().execute_orchestration_request(function, body)
        return pb.OrchestratorResponse.FromString(base64.b64decode(answer))

    def _activity(self, task_id: int, name: str, encoded: str) -> Callable[[], pb.HistoryEvent]:
        def happen() -> pb.HistoryEvent:
            self.calls.append((self.now, name, json.loads(encoded)))
            try:
                value = self.activities[name](json.loads(encoded))
            except Exception as error:  # noqa: BLE001 - the host, too, hands on whatever an activity raises, as text
                return events.new_task_failed_event(task_id, error)
            return events.new_task_completed_event(task_id, json.dumps(value))

        return happen

    def _timer(self, timer_id: int, fire_at: datetime) -> Callable[[], pb.HistoryEvent]:
        return lambda: events.new_timer_fired_event(timer_id, fire_at)

    def _end(self, ended: pb.CompleteOrchestrationAction) -> "VirtualTime":
        self.status = pb.OrchestrationStatus.Name(ended.orchestrationStatus).removeprefix("ORCHESTRATION_STATUS_")
        self.output = json.loads(ended.result.value) if ended.result.value else None
        self.failure = ended.failureDetails.errorMessage
        return self
