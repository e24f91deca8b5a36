"""Instances on the task hub: ids that come back, executions that follow one another, clients that wait."""

# ruff: noqa: SLF001 -- who waits can be seen only inside

import time
from concurrent.futures import ThreadPoolExecutor

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest
from durabletask.client import TaskHubGrpcClient

from emulator.host.hub import TaskHub, in_process
from tests.emulator.host.hub_worker import (
    ENDED,
    MESSAGE_LIMIT,
    Worker,
    activity,
    again,
    complete,
    kinds,
    raise_event,
    refusal,
    start,
    start_later,
    status,
    suspend,
)


def test_the_id_of_a_running_or_suspended_instance_is_refused(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn()
    with refusal(grpc.StatusCode.ALREADY_EXISTS):
        start(hub)
    assert status(hub) == "RUNNING"
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


def test_stopping_releases_those_who_wait() -> None:
    hub = TaskHub(MESSAGE_LIMIT)
    hub.start()
    client = TaskHubGrpcClient(host_address=hub.address)
    start(hub)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(client.wait_for_orchestration_completion, "one", timeout=60)
        while not hub._state_waiters:
            time.sleep(0.001)
        began = time.monotonic()
        hub.stop()
        assert time.monotonic() - began < 1
        with pytest.raises(grpc.RpcError):
            waiting.result(timeout=5)
    client.close()


def test_many_waiting_clients_leave_room_for_others(hub: TaskHub, worker: Worker) -> None:
    client = TaskHubGrpcClient(host_address=hub.address)
    start(hub)
    with ThreadPoolExecutor(40) as pool:
        waiting = [pool.submit(client.wait_for_orchestration_completion, "one", timeout=20) for _ in range(40)]
        while len(hub._state_waiters.get("one", [])) < 40:
            time.sleep(0.001)
        assert client.get_orchestration_state("one")
        worker.turn(complete())
        assert all(answer.result(timeout=5) for answer in waiting)
    client.close()
