"""What becomes of work that was lent to a host that is gone."""

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest

from emulator.host.hub import TaskHub, in_process
from tests.emulator.host.hub_worker import Worker, activity, complete, kinds, raise_event, start, status

ENTITY = "@e@k"


@pytest.fixture
def successor(hub: TaskHub) -> Worker:
    """Return a second worker; what the first still has is its, once the first is lost."""
    return Worker(hub)


def signal(hub: TaskHub, request_id: str = "r") -> None:
    hub.SignalEntity(pb.SignalEntityRequest(instanceId=ENTITY, name="op", requestId=request_id), in_process)


def locks(parent: str) -> pb.OrchestratorAction:
    action = pb.OrchestratorAction(id=9)
    wanted = action.sendEntityMessage.entityLockRequested
    wanted.criticalSectionId, wanted.parentInstanceId.value = "section", parent
    wanted.lockSet.append(ENTITY)
    return action


def unlocks() -> pb.OrchestratorAction:
    action = pb.OrchestratorAction(id=10)
    free = action.sendEntityMessage.entityUnlockSent
    free.criticalSectionId, free.targetInstanceId.value = "section", ENTITY
    return action


def request_ids(item: pb.WorkItem) -> list[str]:
    return [event.entityOperationSignaled.requestId for event in item.entityRequestV2.operationRequests]


def finish_batch(hub: TaskHub, item: pb.WorkItem, state: str) -> None:
    done = pb.EntityBatchResult(completionToken=item.completionToken)
    done.entityState.value = state
    hub.CompleteEntityTask(done, in_process)


def entity_state(hub: TaskHub) -> str:
    found = hub.GetEntity(pb.GetEntityRequest(instanceId=ENTITY, includeState=True), in_process)
    return str(found.entity.serializedState.value)


def test_a_turn_is_taken_by_the_next_host_with_what_came_in_since(
    hub: TaskHub, worker: Worker, successor: Worker
) -> None:
    start(hub)
    lost = worker.take("orchestratorRequest")
    raise_event(hub)
    worker.vanish()
    assert kinds(successor.turn()) == ["executionStarted", "eventRaised"]
    worker.answer(lost, complete())
    assert status(hub) == "RUNNING"


def test_an_activity_is_run_again_and_only_the_second_result_counts(
    hub: TaskHub, worker: Worker, successor: Worker
) -> None:
    start(hub)
    worker.turn(activity())
    lost = worker.take("activityRequest")
    worker.vanish()
    again = successor.take("activityRequest")
    assert again.activityRequest == lost.activityRequest
    worker.finish_activity(lost, "late")
    successor.finish_activity(again, "in time")
    told = successor.turn(complete())
    assert [event.taskCompleted.result.value for event in told.newEvents if event.HasField("taskCompleted")] == [
        "in time"
    ]


def test_an_activity_that_was_finished_is_not_run_again(hub: TaskHub, worker: Worker, successor: Worker) -> None:
    start(hub)
    worker.turn(activity())
    worker.finish_activity(worker.take("activityRequest"))
    worker.vanish()
    assert kinds(successor.turn(complete())) == ["taskCompleted"]
    start(hub, "two")
    assert successor.turn(complete()).instanceId == "two"


def test_an_activity_of_an_earlier_execution_is_not_delivered_by_the_next_host_either(
    hub: TaskHub, worker: Worker, successor: Worker
) -> None:
    start(hub)
    worker.turn(activity(), complete())
    worker.take("activityRequest")
    worker.vanish()
    start(hub)
    assert kinds(successor.turn()) == ["executionStarted"]
    successor.finish_activity(successor.take("activityRequest"))
    raise_event(hub)
    assert kinds(successor.turn(complete())) == ["eventRaised"]


def test_a_batch_of_an_entity_is_run_again_before_what_came_in_since(
    hub: TaskHub, worker: Worker, successor: Worker
) -> None:
    signal(hub, "first")
    lost = worker.take("entityRequestV2")
    signal(hub, "second")
    worker.vanish()
    again = successor.take("entityRequestV2")
    assert request_ids(again) == ["first", "second"]
    finish_batch(hub, lost, '"late"')
    assert entity_state(hub) == ""
    finish_batch(hub, again, '"in time"')
    assert entity_state(hub) == '"in time"'


def test_a_lock_outlives_the_host_and_the_order_of_signals_does(
    hub: TaskHub, worker: Worker, successor: Worker
) -> None:
    signal(hub, "first")
    worker.take("entityRequestV2")
    start(hub)
    worker.turn(locks("one"))
    signal(hub, "second")
    worker.vanish()
    assert kinds(successor.turn(unlocks())) == ["entityLockGranted"]
    assert request_ids(successor.take("entityRequestV2")) == ["first", "second"]


def test_what_another_host_has_is_left_to_it(hub: TaskHub, worker: Worker, successor: Worker) -> None:
    start(hub)
    start(hub, "two")
    worker.take("orchestratorRequest")
    held = successor.take("orchestratorRequest")
    worker.vanish()
    assert successor.turn(complete()).instanceId == "one"
    successor.answer(held, complete())
    assert (status(hub), status(hub, "two")) == ("COMPLETED", "COMPLETED")
