"""Instances on the task hub: ids that come back, executions that follow one another, turns."""

# ruff: noqa: SLF001 -- who waits can be seen only inside

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest
from durabletask.client import TaskHubGrpcClient

from emulator.host.hub import TaskHub, in_process
from tests.emulator.host.hub_worker import (
    ENDED,
    Worker,
    activity,
    again,
    complete,
    kinds,
    purge_all,
    raise_event,
    refusal,
    start,
    start_later,
    status,
    suspend,
)


def test_the_id_of_a_running_instance_is_refused(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn()
    with refusal(grpc.StatusCode.ALREADY_EXISTS):
        start(hub)
    assert status(hub) == "RUNNING"


def test_the_id_of_a_suspended_instance_is_refused(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    suspend(hub, worker)
    with refusal(grpc.StatusCode.ALREADY_EXISTS):
        start(hub)
    assert status(hub) == "SUSPENDED"


@pytest.mark.parametrize("ending", ENDED)
def test_the_id_of_an_ended_instance_is_pending_without_an_output_at_once(
    hub: TaskHub, worker: Worker, ending: pb.OrchestrationStatus
) -> None:
    start(hub)
    worker.turn(complete(ending, "old"))
    start(hub)
    found = hub.GetInstance(pb.GetInstanceRequest(instanceId="one", getInputsAndOutputs=True), in_process)
    assert status(hub) == "PENDING"
    assert not found.orchestrationState.HasField("output")


def test_of_starts_of_one_new_id_the_last_one_runs_and_no_other(hub: TaskHub, worker: Worker) -> None:
    for name in ("first", "second", "third"):
        start(hub, name=name)
    started = worker.turn(complete()).newEvents
    assert [event.executionStarted.name for event in started if event.HasField("executionStarted")] == ["third"]
    start(hub, "two")
    assert worker.turn(complete()).instanceId == "two", "no turn is left of the first starts"


def test_the_id_of_an_instance_whose_first_turn_is_under_way_is_refused(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    turn = worker.take("orchestratorRequest")
    assert status(hub) == "PENDING"
    with refusal(grpc.StatusCode.ALREADY_EXISTS):
        start(hub)
    worker.answer(turn, complete())
    assert status(hub) == "COMPLETED"


def test_the_id_of_an_instance_that_is_scheduled_for_later_is_refused(hub: TaskHub) -> None:
    start_later(hub)
    with refusal(grpc.StatusCode.ALREADY_EXISTS):
        start(hub)


def test_a_start_for_later_replaces_a_start_that_waits_for_its_first_turn(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    start_later(hub)
    start(hub, "two")
    assert worker.turn(complete()).instanceId == "two"
    assert status(hub) == "PENDING"


def test_an_id_that_begins_with_an_at_sign_is_accepted_and_never_runs(hub: TaskHub, worker: Worker) -> None:
    start(hub, "@one")
    start(hub, "two")
    assert worker.turn(complete()).instanceId == "two"
    assert status(hub, "@one") == "RUNNING"


def test_the_refusal_reaches_a_client_over_grpc(hub: TaskHub, worker: Worker) -> None:
    client = TaskHubGrpcClient(host_address=hub.address)
    start(hub)
    worker.turn()
    with pytest.raises(grpc.RpcError) as refused:
        client.schedule_new_orchestration("orchestrator", instance_id="one")
    assert refused.value.code() is grpc.StatusCode.ALREADY_EXISTS
    client.close()


def test_an_activity_of_an_earlier_execution_never_reaches_the_next(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(activity(), again())
    worker.turn(activity())
    late, current = worker.take("activityRequest"), worker.take("activityRequest")
    worker.finish_activity(late, "late")
    worker.finish_activity(current, "current")
    told = worker.turn(complete())
    assert kinds(told) == ["taskCompleted"]
    assert told.newEvents[-1].taskCompleted.result.value == "current"


def test_results_that_arrive_in_the_turn_that_continues_as_new_are_dropped(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(activity())
    late = worker.take("activityRequest")
    raise_event(hub)
    turn = worker.take("orchestratorRequest")
    worker.finish_activity(late)
    raise_event(hub)
    worker.answer(turn, again())
    assert kinds(worker.turn()) == ["executionStarted", "eventRaised"]


def test_an_activity_that_outlives_its_instance_wakes_nobody(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(activity(), complete())
    worker.finish_activity(worker.take("activityRequest"))
    start(hub, "two")
    assert worker.turn(complete()).instanceId == "two"
    assert status(hub) == "COMPLETED"


class Patience(threading.Event):
    """Waits to be told, where the base class looks at its queue ten times a second."""

    waiting = False

    def wait(self, timeout: float | None = None) -> bool:
        self.waiting = not self.is_set()
        return super().wait(None if timeout is None else 100 * timeout)


def test_an_event_during_a_turn_leads_to_the_next_turn_at_once(hub: TaskHub, worker: Worker) -> None:
    patience = hub._work_available = Patience()
    start(hub)
    turn = worker.take("orchestratorRequest")
    raise_event(hub)
    with ThreadPoolExecutor() as pool:
        following = pool.submit(worker.turn, complete())
        while not patience.waiting:
            time.sleep(0.001)
        worker.answer(turn)
        assert kinds(following.result(timeout=5)) == ["eventRaised"]


def test_an_entity_that_answers_too_late_wakes_nobody(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    call = pb.OrchestratorAction(id=1)
    call.sendEntityMessage.entityOperationCalled.targetInstanceId.value = "@e@k"
    worker.turn(call, complete())
    item = worker.take("entityRequestV2")
    done = pb.EntityBatchResult(completionToken=item.completionToken, results=[pb.OperationResult()])
    done.results[0].success.result.value = "1"
    done.operationInfos.add().responseDestination.instanceId = "one"
    hub.CompleteEntityTask(done, in_process)
    start(hub, "two")
    assert worker.turn(complete()).instanceId == "two"


def test_a_termination_during_the_turn_that_suspends_is_not_lost(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn()
    hub.SuspendInstance(pb.SuspendRequest(instanceId="one"), in_process)
    turn = worker.take("orchestratorRequest")
    hub.TerminateInstance(pb.TerminateRequest(instanceId="one"), in_process)
    worker.answer(turn)
    assert status(hub) == "SUSPENDED"
    assert kinds(worker.turn()) == ["executionTerminated"]


def test_a_namesake_of_a_purged_instance_that_was_scheduled_for_later_starts_at_once(
    hub: TaskHub, worker: Worker
) -> None:
    start_later(hub)
    purge_all(hub)
    start(hub)
    assert kinds(worker.turn(complete())) == ["executionStarted"]


def test_a_purged_instance_leaves_nothing_to_a_namesake(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    turn = worker.take("orchestratorRequest")
    assert purge_all(hub) == 1
    start(hub)
    successor = worker.take("orchestratorRequest")
    worker.answer(turn, complete())
    assert status(hub) == "PENDING"
    worker.answer(successor, complete())
    assert status(hub) == "COMPLETED"


def test_an_event_that_an_orchestration_sends_to_a_failed_one_does_not_meet_it_when_it_is_rewound(
    hub: TaskHub, worker: Worker
) -> None:
    start(hub)
    worker.turn(complete(pb.ORCHESTRATION_STATUS_FAILED))
    start(hub, "two")
    send = pb.OrchestratorAction(id=1)
    send.sendEvent.instance.instanceId = "one"
    send.sendEvent.name = "go"
    worker.turn(send, complete())
    hub.RewindInstance(pb.RewindInstanceRequest(instanceId="one"), in_process)
    assert kinds(worker.turn()) == ["executionRewound"]


def test_the_status_is_running_after_continue_as_new(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(again())
    assert status(hub) == "RUNNING"


def test_a_deleted_entity_is_not_there(hub: TaskHub, worker: Worker) -> None:
    def signal() -> None:
        hub.SignalEntity(pb.SignalEntityRequest(instanceId="@e@k", name="op", requestId="r"), in_process)

    def listed() -> int:
        return len(hub.QueryEntities(pb.QueryEntitiesRequest(), in_process).entities)

    def exists() -> bool:
        return bool(hub.GetEntity(pb.GetEntityRequest(instanceId="@e@k"), in_process).exists)

    signal()
    item = worker.take("entityRequestV2")
    assert (listed(), exists()) == (0, False)
    done = pb.EntityBatchResult(completionToken=item.completionToken)
    done.entityState.value = "1"
    hub.CompleteEntityTask(done, in_process)
    signal()
    assert (listed(), exists()) == (1, True)
    item = worker.take("entityRequestV2")
    hub.CompleteEntityTask(pb.EntityBatchResult(completionToken=item.completionToken), in_process)
    assert (listed(), exists()) == (0, False)
