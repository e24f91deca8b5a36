"""Sub-orchestrations: a child knows its parent, and the parent gets the child's end, however late it comes."""

from dataclasses import dataclass

import durabletask.internal.helpers as events
import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.testing.in_memory_backend import OrchestrationInstance

from emulator.host.hub.turns import Turns


@dataclass(frozen=True)
class _Parent:
    instance_id: str
    execution: int
    task_id: int


class Families(Turns):
    """Keeps a table of parents, where the base class has a thread per child that gives up after 30 seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._parents: dict[str, _Parent] = {}

    def _begin_execution(self, instance_id: str) -> None:
        super()._begin_execution(instance_id)
        if parent := self._parents.get(instance_id):
            self._introduce(instance_id, parent)

    def _process_create_sub_orchestration_action(
        self, instance: OrchestrationInstance, action: pb.OrchestratorAction
    ) -> None:
        """Let a child take the place of any instance with its id, also of one that runs."""
        child_id = action.createSubOrchestration.instanceId
        self._instances.pop(child_id, None)
        self._orchestration_in_flight.discard(child_id)
        super()._process_create_sub_orchestration_action(instance, action)

    def _watch_sub_orchestration(self, parent_instance_id: str, sub_instance_id: str, task_id: int) -> None:
        parent = _Parent(parent_instance_id, self._executions[parent_instance_id], task_id)
        self._parents[sub_instance_id] = parent
        self._introduce(sub_instance_id, parent)
        self._tell_parent(self._instances[sub_instance_id])

    def _introduce(self, child_id: str, parent: _Parent) -> None:
        instance = self._instances.get(parent.instance_id)
        for event in self._instances[child_id].pending_events:
            if event.HasField("executionStarted"):
                info = event.executionStarted.parentInstance
                info.taskScheduledId = parent.task_id
                info.orchestrationInstance.instanceId = parent.instance_id
                info.name.value = instance.name if instance else ""

    def _after_turn(self, instance: OrchestrationInstance, length_before: int) -> None:
        super()._after_turn(instance, length_before)
        self._tell_parent(instance)

    def _tell_parent(self, child: OrchestrationInstance) -> None:
        if not self._is_terminal_status(child.status):
            return
        link = self._parents.pop(child.instance_id, None)
        parent = self._live(link.instance_id, link.execution) if link else None
        if link and parent:
            self._deliver(parent, _outcome(child, link.task_id))


def _outcome(child: OrchestrationInstance, task_id: int) -> pb.HistoryEvent:
    if child.status == pb.ORCHESTRATION_STATUS_COMPLETED:
        return events.new_sub_orchestration_completed_event(task_id, child.output)
    failed = pb.HistoryEvent(eventId=-1)
    failed.subOrchestrationInstanceFailed.taskScheduledId = task_id
    if child.failure_details:
        failed.subOrchestrationInstanceFailed.failureDetails.CopyFrom(child.failure_details)
    else:
        failed.subOrchestrationInstanceFailed.failureDetails.errorMessage = child.output or ""
    return failed
