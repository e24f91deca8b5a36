"""Plays the worker of a task hub by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import durabletask.internal.helpers as events
import durabletask.internal.orchestrator_service_pb2 as pb

from emulator.host.hub import TaskHub, in_process

MESSAGE_LIMIT = 4_194_304
PREFIX = "ORCHESTRATION_STATUS_"
ENDED = ("COMPLETED", "FAILED", "TERMINATED", "CANCELED")


class Worker:
    """Plays the pump by hand: takes turns and answers with the actions a test wants."""

    def __init__(self, hub: TaskHub) -> None:
        self.hub = hub
        self.items = hub.work_items()

    def take(self, kind: str) -> pb.WorkItem:
        """Return the next work item, which must be of `kind`."""
        item = next(self.items)
        assert item.WhichOneof("request") == kind, item
        return item

    def vanish(self) -> None:
        """Let the stream of work items break, as it does when a host dies."""
        self.items.close()

    def turn(self, *actions: pb.OrchestratorAction) -> pb.OrchestratorRequest:
        """Take one turn of an orchestration and return what it was told."""
        item = self.take("orchestratorRequest")
        self.answer(item, *actions)
        return item.orchestratorRequest

    def answer(self, item: pb.WorkItem, *actions: pb.OrchestratorAction, custom_status: str = "") -> None:
        response = pb.OrchestratorResponse(
            instanceId=item.orchestratorRequest.instanceId, actions=actions, completionToken=item.completionToken
        )
        if custom_status:
            response.customStatus.value = custom_status
        self.hub.CompleteOrchestratorTask(response, in_process)

    def finish_activity(self, item: pb.WorkItem, result: str = "1") -> None:
        request = item.activityRequest
        done = pb.ActivityResponse(
            instanceId=request.orchestrationInstance.instanceId,
            taskId=request.taskId,
            completionToken=item.completionToken,
        )
        done.result.value = result
        self.hub.CompleteActivityTask(done, in_process)

    def bring(self, state: str) -> None:
        """Start the instance `one` and bring it into the state."""
        start(self.hub)
        self.turn(*[complete(state)] if state in ENDED else [])


def start(hub: TaskHub, instance_id: str = "one", name: str = "orchestrator", **options: Any) -> None:
    """Start an instance; `options` are further fields of the request."""
    hub.StartInstance(pb.CreateInstanceRequest(instanceId=instance_id, name=name, **options), in_process)


def status_number(name: str) -> Any:
    return pb.OrchestrationStatus.Value(f"{PREFIX}{name}")


def get(hub: TaskHub, instance_id: str = "one") -> pb.GetInstanceResponse:
    return hub.GetInstance(pb.GetInstanceRequest(instanceId=instance_id, getInputsAndOutputs=True), in_process)


def status(hub: TaskHub, instance_id: str = "one") -> str | None:
    found = get(hub, instance_id)
    name = pb.OrchestrationStatus.Name(found.orchestrationState.orchestrationStatus)
    return name.removeprefix(PREFIX) if found.exists else None


def complete(state: str = "COMPLETED", result: str = "1") -> Any:
    return events.new_complete_orchestration_action(100, status_number(state), result=result)


def again() -> Any:
    return complete("CONTINUED_AS_NEW")


def activity(task_id: int = 1) -> Any:
    action = pb.OrchestratorAction(id=task_id)
    action.scheduleTask.name = "activity"
    return action


def timer(due: timedelta, timer_id: int = 1) -> Any:
    return events.new_create_timer_action(timer_id, datetime.now(UTC) + due)


def kinds(request: pb.OrchestratorRequest) -> list[str]:
    """Return the kinds of the new events, less the one that dates the turn."""
    found = [str(event.WhichOneof("eventType")) for event in request.newEvents]
    return [kind for kind in found if kind != "orchestratorStarted"]


def started(request: pb.OrchestratorRequest) -> pb.ExecutionStartedEvent:
    return next(event.executionStarted for event in request.newEvents if event.HasField("executionStarted"))


def raise_event(hub: TaskHub, instance_id: str = "one") -> None:
    hub.RaiseEvent(pb.RaiseEventRequest(instanceId=instance_id, name="go"), in_process)


def child_of_one() -> Any:
    return events.new_create_sub_orchestration_action(7, "child", "two", None, None)
