"""Plays the worker of a task hub by hand."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import durabletask.internal.helpers as events
import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest

from emulator.host.hub import HubRefusedError, TaskHub, in_process

MESSAGE_LIMIT = 4_194_304
ENDED = (
    pb.ORCHESTRATION_STATUS_COMPLETED,
    pb.ORCHESTRATION_STATUS_FAILED,
    pb.ORCHESTRATION_STATUS_TERMINATED,
    pb.ORCHESTRATION_STATUS_CANCELED,
)


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

    def answer(self, item: pb.WorkItem, *actions: pb.OrchestratorAction) -> None:
        response = pb.OrchestratorResponse(
            instanceId=item.orchestratorRequest.instanceId, actions=actions, completionToken=item.completionToken
        )
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


def start(hub: TaskHub, instance_id: str = "one", name: str = "orchestrator") -> None:
    hub.StartInstance(pb.CreateInstanceRequest(instanceId=instance_id, name=name), in_process)


def start_later(hub: TaskHub, instance_id: str = "one") -> None:
    request = pb.CreateInstanceRequest(instanceId=instance_id, name="orchestrator")
    request.scheduledStartTimestamp.FromDatetime(datetime.now(UTC) + timedelta(hours=1))
    hub.StartInstance(request, in_process)


def suspend(hub: TaskHub, worker: Worker, reason: str = "") -> None:
    """Suspend the instance `one`, and take the turn that does it."""
    request = pb.SuspendRequest(instanceId="one")
    request.reason.value = reason
    hub.SuspendInstance(request, in_process)
    worker.turn()


def purge_all(hub: TaskHub, statuses: Iterable[pb.OrchestrationStatus] = ()) -> int:
    """Purge by a filter that every creation time fits, and return how many instances are gone."""
    wanted = pb.PurgeInstanceFilter(runtimeStatus=statuses)
    wanted.createdTimeFrom.FromDatetime(datetime(2020, 1, 1, tzinfo=UTC))
    purged = hub.PurgeInstances(pb.PurgeInstancesRequest(purgeInstanceFilter=wanted), in_process)
    return int(purged.deletedInstanceCount)


@contextmanager
def refusal(code: grpc.StatusCode, text: str = "") -> Iterator[None]:
    """Expect the hub to refuse what the block asks, with `code` and `text` in the details."""
    with pytest.raises(HubRefusedError) as refused:
        yield
    assert refused.value.code is code
    assert text in str(refused.value)


def status(hub: TaskHub, instance_id: str = "one") -> str:
    found = hub.GetInstance(pb.GetInstanceRequest(instanceId=instance_id), in_process)
    return pb.OrchestrationStatus.Name(found.orchestrationState.orchestrationStatus).removeprefix(
        "ORCHESTRATION_STATUS_"
    )


def complete(of: pb.OrchestrationStatus = pb.ORCHESTRATION_STATUS_COMPLETED, result: str = "1") -> Any:
    return events.new_complete_orchestration_action(100, of, result=result)


def again() -> Any:
    return complete(pb.ORCHESTRATION_STATUS_CONTINUED_AS_NEW)


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


def raise_event(hub: TaskHub, instance_id: str = "one") -> None:
    hub.RaiseEvent(pb.RaiseEventRequest(instanceId=instance_id, name="go"), in_process)


def child_of_one() -> Any:
    return events.new_create_sub_orchestration_action(7, "child", "two", None, None)
