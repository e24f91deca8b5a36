"""The trace that a start belongs to, on its way through the task hub."""

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest

from emulator.host.hub import HubRefusedError, TaskHub, in_process
from tests.emulator.host.hub_worker import Worker, activity, again, child_of_one, complete, start

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


def test_a_later_start_of_the_same_id_has_none_of_it(hub: TaskHub, worker: Worker) -> None:
    start_traced(hub)
    worker.turn(complete())
    start(hub)
    assert started(worker.turn(activity())).parentTraceContext == pb.TraceContext()
    assert worker.take("activityRequest").activityRequest.parentTraceContext == pb.TraceContext()


def test_a_start_that_is_refused_changes_nothing(hub: TaskHub, worker: Worker) -> None:
    start_traced(hub)
    turn = worker.take("orchestratorRequest")
    with pytest.raises(HubRefusedError):
        start(hub)
    worker.answer(turn, activity())
    assert worker.take("activityRequest").activityRequest.parentTraceContext == TRACE
