"""What the task hub hands to hosts: children and what they tell, traces, and the work of a host that is gone."""

import threading

import durabletask.internal.orchestrator_service_pb2 as pb

from emulator.host.hub import TaskHub, in_process
from tests.emulator.host.hub_worker import (
    Worker,
    activity,
    again,
    child_of_one,
    complete,
    kinds,
    raise_event,
    start,
    started,
    status,
)

ENTITY = "@e@k"
TRACE = pb.TraceContext(
    traceParent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", spanID="b7ad6b7169203331"
)


def test_a_child_of_any_age_reports_to_its_parent_without_a_thread(hub: TaskHub, worker: Worker) -> None:
    before = threading.active_count()
    start(hub)
    worker.turn(child_of_one())
    parent = started(worker.turn(again())).parentInstance
    assert (parent.orchestrationInstance.instanceId, parent.taskScheduledId) == ("one", 7)
    assert started(worker.turn()).parentInstance == parent, "a child that continues as new keeps its parent"
    assert threading.active_count() == before
    raise_event(hub, "two")
    worker.turn(complete(result="grown"))
    done = worker.turn(complete()).newEvents[-1].subOrchestrationInstanceCompleted
    assert (done.taskScheduledId, done.result.value) == (7, "grown")


def test_a_terminated_child_is_a_failure_for_its_parent(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(child_of_one())
    worker.turn(complete("TERMINATED", "why"))
    failed = worker.turn(complete()).newEvents[-1].subOrchestrationInstanceFailed
    assert (failed.taskScheduledId, failed.failureDetails.errorMessage) == (7, "why")


def test_a_trace_reaches_the_orchestration_its_activities_its_children_and_what_continues_it(
    hub: TaskHub, worker: Worker
) -> None:
    start(hub, parentTraceContext=TRACE)
    assert started(worker.turn(activity(), child_of_one())).parentTraceContext == TRACE
    assert started(worker.turn()).parentTraceContext == TRACE
    item = worker.take("activityRequest")
    assert item.activityRequest.parentTraceContext == TRACE
    worker.finish_activity(item)
    worker.turn(again())
    assert started(worker.turn()).parentTraceContext == TRACE


def signal(hub: TaskHub, request_id: str) -> None:
    hub.SignalEntity(pb.SignalEntityRequest(instanceId=ENTITY, name="op", requestId=request_id), in_process)


def finish_batch(hub: TaskHub, item: pb.WorkItem, state: str) -> str:
    """Answer with a state of the entity, and return that which it has then."""
    done = pb.EntityBatchResult(completionToken=item.completionToken)
    done.entityState.value = state
    hub.CompleteEntityTask(done, in_process)
    found = hub.GetEntity(pb.GetEntityRequest(instanceId=ENTITY, includeState=True), in_process)
    return str(found.entity.serializedState.value)


def test_a_turn_is_taken_by_the_next_host_with_what_came_in_since(hub: TaskHub, worker: Worker) -> None:
    successor = Worker(hub)
    start(hub)
    lost = worker.take("orchestratorRequest")
    raise_event(hub)
    worker.vanish()
    assert kinds(successor.turn()) == ["executionStarted", "eventRaised"]
    worker.answer(lost, complete())
    assert status(hub) == "RUNNING"


def test_a_batch_of_an_entity_is_run_again_before_what_came_in_since(hub: TaskHub, worker: Worker) -> None:
    successor = Worker(hub)
    signal(hub, "first")
    lost = worker.take("entityRequestV2")
    signal(hub, "second")
    worker.vanish()
    taken = successor.take("entityRequestV2")
    operations = taken.entityRequestV2.operationRequests
    assert [event.entityOperationSignaled.requestId for event in operations] == ["first", "second"]
    assert finish_batch(hub, lost, '"late"') == ""
    assert finish_batch(hub, taken, '"in time"') == '"in time"'
