"""One turn of an orchestration at a time, and no turn for one that is over."""

# ruff: noqa: N802 -- the method names are the gRPC service's
import logging
from datetime import UTC, datetime, timedelta

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.testing.in_memory_backend import OrchestrationInstance

from emulator.host.hub.executions import Executions
from emulator.host.utf16 import utf16_length

logger = logging.getLogger("host.hub")

FAILURE_TEXT_LIMIT = 32_768
"""In UTF-16 code units of `type: message`; a column of Azure Table Storage holds no more."""
RETRY_SECONDS = 1.0
TERMINAL = (
    pb.ORCHESTRATION_STATUS_COMPLETED,
    pb.ORCHESTRATION_STATUS_FAILED,
    pb.ORCHESTRATION_STATUS_TERMINATED,
    pb.ORCHESTRATION_STATUS_CANCELED,
)
_WAKES_A_SUSPENDED = ("executionResumed", "executionTerminated")


class Turns(Executions):
    """Queues an instance only when a turn could be run, so that the pump never finds work it must put back."""

    def _is_terminal_status(self, status: pb.OrchestrationStatus) -> bool:
        return status in TERMINAL

    def _enqueue_orchestration(self, instance_id: str) -> None:
        instance = self._instances[instance_id]
        if instance_id not in self._orchestration_in_flight and not self._is_terminal_status(instance.status):
            super()._enqueue_orchestration(instance_id)

    def _prepare_rewind(self, instance: OrchestrationInstance, reason: str | None = None) -> None:
        """Drop what reached the instance when it was over."""
        instance.pending_events.clear()
        super()._prepare_rewind(instance, reason)

    def CompleteOrchestratorTask(
        self, request: pb.OrchestratorResponse, context: grpc.ServicerContext
    ) -> pb.CompleteTaskResponse:
        with self._lock:
            instance = self._instances.get(request.instanceId)
            if instance is None or str(instance.completion_token) != request.completionToken:
                return pb.CompleteTaskResponse()
            if (length := _failure_length(request)) > FAILURE_TEXT_LIMIT:
                logger.warning("%s: a failure of %d characters cannot be stored.", instance.instance_id, length)
                self._retry_turn(instance)
                return pb.CompleteTaskResponse()
            if not request.HasField("customStatus"):
                # The base takes an absent status for an empty one; a real hub keeps it, across continue-as-new as well:
                # https://github.com/Azure/durabletask/blob/main/src/DurableTask.Core/TaskOrchestrationDispatcher.cs
                request.customStatus.value = instance.custom_status or ""
            length_before = len(instance.history)
            response = super().CompleteOrchestratorTask(request, context)
            self._after_turn(instance, length_before)
        return response

    def _retry_turn(self, instance: OrchestrationInstance) -> None:
        """Run the turn again after a pause, and so for ever, as a hub does that cannot store how it ended.

        The instance counts as busy meanwhile, so nothing else begins its turn earlier.
        """
        instance.pending_events[:0] = instance.dispatched_events
        instance.dispatched_events.clear()
        if instance.status == pb.ORCHESTRATION_STATUS_PENDING:
            instance.status = pb.ORCHESTRATION_STATUS_RUNNING

        def retry(waiting: OrchestrationInstance) -> None:
            self._orchestration_in_flight.discard(waiting.instance_id)
            self._enqueue_orchestration(waiting.instance_id)

        self._timers.at(datetime.now(UTC) + timedelta(seconds=RETRY_SECONDS), self._later(instance.instance_id, retry))

    def _after_turn(self, instance: OrchestrationInstance, length_before: int) -> None:
        for event in instance.history[length_before:]:
            if not event.timestamp.ToNanoseconds():
                event.timestamp.GetCurrentTime()
        if instance.history and instance.history[-1].HasField("executionCompleted"):
            # The base writes the end of the turn before the end of the instance.
            instance.history[-2:] = reversed(instance.history[-2:])
        if instance.status == pb.ORCHESTRATION_STATUS_PENDING:
            instance.status = pb.ORCHESTRATION_STATUS_RUNNING
        if instance.status == pb.ORCHESTRATION_STATUS_SUSPENDED and any(
            event.WhichOneof("eventType") in _WAKES_A_SUSPENDED for event in instance.pending_events
        ):
            self._enqueue_orchestration(instance.instance_id)


def _failure_length(response: pb.OrchestratorResponse) -> int:
    """Return the length of the text with which the instance fails; 0 when it does not."""
    for action in response.actions:
        end = action.completeOrchestration
        if end.orchestrationStatus == pb.ORCHESTRATION_STATUS_FAILED:
            details = end.failureDetails
            text = (
                f"{details.errorType}: {details.errorMessage}" if end.HasField("failureDetails") else end.result.value
            )
            return utf16_length(text)
    return 0
