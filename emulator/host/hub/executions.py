"""One instance id can live several executions (restart, continue-as-new); what one began never reaches the next."""

# ruff: noqa: N802 -- the method names are the gRPC service's
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import durabletask.internal.helpers as events
import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.testing.in_memory_backend import InMemoryOrchestrationBackend, OrchestrationInstance

from emulator.host.hub.options import HubOptions
from emulator.host.hub.timers import TimerQueue

_RESULTS_OF_AN_EXECUTION = frozenset(
    {
        "taskCompleted",
        "taskFailed",
        "timerFired",
        "subOrchestrationInstanceCompleted",
        "subOrchestrationInstanceFailed",
    }
)


class Executions(InMemoryOrchestrationBackend):
    """Numbers executions, and routes activity results and timers by that number."""

    options = HubOptions()
    """`TaskHub` sets its own before it builds the layers."""

    def __init__(self) -> None:
        super().__init__(max_history_size=sys.maxsize, port=0)
        self._executions: dict[str, int] = {}
        self._timers = TimerQueue()

    def _begin_execution(self, instance_id: str) -> None:
        self._executions[instance_id] = self._executions.get(instance_id, 0) + 1
        for event in self._instances[instance_id].pending_events:
            if event.HasField("executionStarted"):
                event.executionStarted.orchestrationInstance.executionId.value = uuid.uuid4().hex

    def _live(self, instance_id: str, execution: int) -> OrchestrationInstance | None:
        instance = self._instances.get(instance_id)
        if instance is None or self._executions.get(instance_id) != execution:
            return None
        return None if self._is_terminal_status(instance.status) else instance

    def _deliver(self, instance: OrchestrationInstance, event: pb.HistoryEvent) -> None:
        event.timestamp.GetCurrentTime()
        instance.pending_events.append(event)
        instance.last_updated_at = datetime.now(UTC)
        self._enqueue_orchestration(instance.instance_id)

    def _create_instance_internal(self, instance_id: str, *arguments: Any, **options: Any) -> None:
        super()._create_instance_internal(instance_id, *arguments, **options)
        self._begin_execution(instance_id)

    def _process_complete_orchestration_action(
        self, instance: OrchestrationInstance, complete_action: pb.CompleteOrchestrationAction
    ) -> None:
        continued = complete_action.orchestrationStatus == pb.ORCHESTRATION_STATUS_CONTINUED_AS_NEW
        if continued:
            instance.pending_events = [
                event
                for event in instance.pending_events
                if event.WhichOneof("eventType") not in _RESULTS_OF_AN_EXECUTION
            ]
        super()._process_complete_orchestration_action(instance, complete_action)
        if details := instance.failure_details:
            instance.output = f"{details.errorType}: {details.errorMessage}"
        if continued:
            # Source: durabletask AzureTableTrackingStore.cs, UpdateStateAsync (ExecutionStarted).
            instance.created_at = datetime.now(UTC)
            self._begin_execution(instance.instance_id)

    def _process_schedule_task_action(self, instance: OrchestrationInstance, action: pb.OrchestratorAction) -> None:
        super()._process_schedule_task_action(instance, action)
        self._activity_queue[-1].completion_token = self._executions[instance.instance_id]

    def CompleteActivityTask(
        self,
        request: pb.ActivityResponse,
        context: grpc.ServicerContext,  # noqa: ARG002 -- the signature is the service's
    ) -> pb.CompleteTaskResponse:
        """Take a failure for one by its presence, unlike the base class: an exception may have no text."""
        event = pb.HistoryEvent(eventId=-1)
        if request.HasField("failureDetails"):
            event.taskFailed.taskScheduledId = request.taskId
            event.taskFailed.failureDetails.CopyFrom(request.failureDetails)
        else:
            event.taskCompleted.taskScheduledId = request.taskId
            event.taskCompleted.result.CopyFrom(request.result)
        with self._lock:
            if instance := self._live(request.instanceId, int(request.completionToken)):
                self._deliver(instance, event)
        return pb.CompleteTaskResponse()

    def _process_create_timer_action(self, instance: OrchestrationInstance, action: pb.OrchestratorAction) -> None:
        fire_at = action.createTimer.fireAt.ToDatetime(tzinfo=UTC)
        instance.history.append(events.new_timer_created_event(action.id, fire_at))
        fired = events.new_timer_fired_event(action.id, fire_at)
        due = self._due(fire_at)
        self._timers.at(due, self._later(instance.instance_id, partial(self._deliver, event=fired)))

    def _due(self, fire_at: datetime) -> datetime:
        """Return when a timer fires that is set now. Its event goes on telling the planned time, as in Azure."""
        timing = self.options.timing
        length = max(fire_at - datetime.now(UTC), timedelta(0))
        early = min(timedelta(seconds=timing.early_seconds), length)
        return fire_at - early + timedelta(seconds=timing.late_seconds)

    def _later(self, instance_id: str, deliver: Callable[[OrchestrationInstance], None]) -> Callable[[], None]:
        execution = self._executions[instance_id]

        def due() -> None:
            with self._lock:
                if instance := self._live(instance_id, execution):
                    deliver(instance)

        return due

    def _schedule_delayed_entity_operation(self, entity_id: str, event: pb.HistoryEvent, fire_at: datetime) -> None:
        def due() -> None:
            with self._lock:
                self._queue_entity_operation(entity_id, event)

        self._timers.at(fire_at, due)
