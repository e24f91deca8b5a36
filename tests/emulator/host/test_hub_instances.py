"""Instances on the task hub: what is refused in which state, ids that come back, executions that follow one another."""

# ruff: noqa: SLF001 -- who waits can be seen only inside

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest
from durabletask.client import TaskHubGrpcClient

from emulator.host.hub import HubRefusedError, TaskHub, in_process
from tests.emulator.host.hub_worker import (
    ENDED,
    MESSAGE_LIMIT,
    Worker,
    activity,
    again,
    complete,
    get,
    kinds,
    raise_event,
    start,
    started,
    status,
)

PRECONDITION = "FAILED_PRECONDITION"
CALLS: dict[str, Any] = {
    "StartInstance": pb.CreateInstanceRequest(instanceId="one", name="orchestrator"),
    "TerminateInstance": pb.TerminateRequest(instanceId="one"),
    "SuspendInstance": pb.SuspendRequest(instanceId="one"),
    "ResumeInstance": pb.ResumeRequest(instanceId="one"),
    "RewindInstance": pb.RewindInstanceRequest(instanceId="one"),
    "RestartInstance": pb.RestartInstanceRequest(instanceId="one"),
    "RaiseEvent": pb.RaiseEventRequest(instanceId="one", name="go"),
    "PurgeInstances": pb.PurgeInstancesRequest(instanceId="one"),
}


@pytest.mark.parametrize(
    ("state", "call", "code"),
    [
        *((None, call, "NOT_FOUND") for call in CALLS if call not in {"StartInstance", "PurgeInstances"}),
        *((state, call, PRECONDITION) for state in ENDED for call in list(CALLS)[1:4]),
        *((state, "RaiseEvent", PRECONDITION) for state in ENDED),
        ("RUNNING", "ResumeInstance", PRECONDITION),
        ("RUNNING", "RewindInstance", PRECONDITION),
        ("COMPLETED", "RewindInstance", PRECONDITION),
        ("RUNNING", "RestartInstance", PRECONDITION),
        ("SUSPENDED", "SuspendInstance", PRECONDITION),
        *((state, "PurgeInstances", PRECONDITION) for state in ("LATER", "PENDING", "RUNNING", "SUSPENDED")),
        *((state, "StartInstance", "ALREADY_EXISTS") for state in ("LATER", "RUNNING", "SUSPENDED")),
    ],
)
def test_what_is_refused_in_which_state(hub: TaskHub, worker: Worker, state: str | None, call: str, code: str) -> None:
    if state:
        worker.bring(state)
    with pytest.raises(HubRefusedError) as refused:
        getattr(hub, call)(CALLS[call], in_process)
    assert refused.value.code.name == code
    assert status(hub) == ("PENDING" if state == "LATER" else state)
    if call == "RaiseEvent" and state:
        assert str(refused.value) == "The orchestration instance with the provided instance id is not running."


def test_an_event_needs_a_name(hub: TaskHub) -> None:
    with pytest.raises(HubRefusedError) as refused:
        hub.RaiseEvent(pb.RaiseEventRequest(instanceId="one"), in_process)
    assert refused.value.code is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("state", "call", "found"),
    [
        ("PENDING", "TerminateInstance", ["executionStarted", "eventRaised", "executionTerminated"]),
        ("SUSPENDED", "ResumeInstance", ["eventRaised", "executionResumed"]),
        # Accepted, and lost.
        ("LATER", "TerminateInstance", ["executionStarted", "executionTerminated"]),
    ],
)
def test_which_events_an_instance_gets_that_cannot_take_them_at_once(
    hub: TaskHub, worker: Worker, state: str, call: str, found: list[str]
) -> None:
    worker.bring(state)
    raise_event(hub)
    getattr(hub, call)(CALLS[call], in_process)
    assert kinds(worker.turn()) == found


def test_a_running_instance_is_restarted_under_a_new_id(hub: TaskHub, worker: Worker) -> None:
    worker.bring("RUNNING")
    restart = pb.RestartInstanceRequest(instanceId="one", restartWithNewInstanceId=True)
    new = hub.RestartInstance(restart, in_process).instanceId
    turn = worker.turn()
    assert new != "one"
    assert (turn.instanceId, started(turn).name) == (new, "orchestrator")
    assert status(hub) == "RUNNING"


@pytest.mark.parametrize("ending", ENDED)
def test_the_id_of_an_ended_instance_is_pending_without_an_output_at_once(
    hub: TaskHub, worker: Worker, ending: str
) -> None:
    worker.bring(ending)
    start(hub)
    state = get(hub)
    assert status(hub) == "PENDING"
    assert state
    assert not state.HasField("output")


def test_of_starts_of_one_new_id_the_last_one_runs_and_no_other(hub: TaskHub, worker: Worker) -> None:
    for name in ("first", "second", "third"):
        start(hub, name=name)
    assert started(worker.turn(complete())).name == "third"
    start(hub, "two")
    assert worker.turn(complete()).instanceId == "two", "no turn is left of the first starts"


def test_the_id_of_an_instance_whose_first_turn_is_under_way_is_refused(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    turn = worker.take("orchestratorRequest")
    with pytest.raises(HubRefusedError):
        start(hub)
    worker.answer(turn, complete())
    assert status(hub) == "COMPLETED"


def test_an_activity_of_an_earlier_execution_never_reaches_the_next(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(activity(), again())
    worker.turn(activity())
    late, current = worker.take("activityRequest"), worker.take("activityRequest")
    worker.finish_activity(late, "late")
    worker.finish_activity(current, "current")
    turn = worker.turn(complete())
    assert kinds(turn) == ["taskCompleted"]
    assert turn.newEvents[-1].taskCompleted.result.value == "current"


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


def test_many_waiting_clients_leave_room_for_others_and_a_stop_releases_them() -> None:
    hub = TaskHub(MESSAGE_LIMIT)
    hub.start()
    client, worker = TaskHubGrpcClient(host_address=hub.address), Worker(hub)
    start(hub)
    start(hub, "two")
    with ThreadPoolExecutor(40) as pool:
        wait = client.wait_for_orchestration_completion
        waiting = [pool.submit(wait, each, timeout=20) for each in ("one", "two") for _ in range(20)]
        while sum(map(len, hub._state_waiters.values())) < 40:
            time.sleep(0.001)
        assert client.get_orchestration_state("one")
        worker.turn(complete())
        assert all(answer.result(timeout=5) for answer in waiting[:20])
        began = time.monotonic()
        hub.stop()
        assert time.monotonic() - began < 1
        for answer in waiting[20:]:
            with pytest.raises(grpc.RpcError):
                answer.result(timeout=5)
    client.close()
