"""Sub-orchestrations on the task hub, and the trace that reaches them."""

import threading

import durabletask.internal.orchestrator_service_pb2 as pb

from emulator.host.hub import TaskHub, in_process
from tests.emulator.host.hub_worker import Worker, activity, again, child_of_one, complete, kinds, raise_event, start


def test_a_child_of_any_age_reports_to_its_parent_without_a_thread(hub: TaskHub, worker: Worker) -> None:
    before = threading.active_count()
    start(hub)
    worker.turn(child_of_one())
    told = worker.turn()
    parent = next(e.executionStarted for e in told.newEvents if e.HasField("executionStarted")).parentInstance
    assert (parent.orchestrationInstance.instanceId, parent.taskScheduledId) == ("one", 7)
    assert threading.active_count() == before
    raise_event(hub, "two")
    worker.turn(complete(result="grown"))
    done = worker.turn(complete()).newEvents[-1].subOrchestrationInstanceCompleted
    assert (done.taskScheduledId, done.result.value) == (7, "grown")


def test_a_child_that_continues_as_new_keeps_its_parent(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(child_of_one())
    worker.turn(again())
    started = worker.turn(complete()).newEvents[-1].executionStarted
    assert started.parentInstance.orchestrationInstance.instanceId == "one"
    assert kinds(worker.turn(complete())) == ["subOrchestrationInstanceCompleted"]


def test_a_terminated_child_is_a_failure_for_its_parent(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(child_of_one())
    worker.turn(complete(pb.ORCHESTRATION_STATUS_TERMINATED, "why"))
    failed = worker.turn(complete()).newEvents[-1].subOrchestrationInstanceFailed
    assert (failed.taskScheduledId, failed.failureDetails.errorMessage) == (7, "why")


TRACE = pb.TraceContext(
    traceParent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", spanID="b7ad6b7169203331"
)


def start_traced(hub: TaskHub) -> None:
    request = pb.CreateInstanceRequest(instanceId="one", name="orchestrator", parentTraceContext=TRACE)
    hub.StartInstance(request, in_process)


def started(told: pb.OrchestratorRequest) -> pb.ExecutionStartedEvent:
    return next(event.executionStarted for event in told.newEvents if event.HasField("executionStarted"))


def test_it_reaches_the_orchestration_its_activities_its_children_and_what_continues_it(
    hub: TaskHub, worker: Worker
) -> None:
    start_traced(hub)
    assert started(worker.turn(activity(), child_of_one())).parentTraceContext == TRACE
    assert started(worker.turn()).parentTraceContext == TRACE
    item = worker.take("activityRequest")
    assert item.activityRequest.parentTraceContext == TRACE
    worker.finish_activity(item)
    worker.turn(again())
    assert started(worker.turn()).parentTraceContext == TRACE
