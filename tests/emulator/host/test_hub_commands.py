"""Events and commands that the task hub refuses, as the real extension does."""

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest

from emulator.host.hub import TaskHub, in_process
from tests.emulator.host.hub_worker import (
    ENDED,
    Worker,
    complete,
    kinds,
    raise_event,
    refusal,
    start,
    start_later,
    status,
    suspend,
)

NOT_RUNNING = "The orchestration instance with the provided instance id is not running."
COMMANDS = {
    "TerminateInstance": pb.TerminateRequest(instanceId="one"),
    "SuspendInstance": pb.SuspendRequest(instanceId="one"),
    "ResumeInstance": pb.ResumeRequest(instanceId="one"),
    "RewindInstance": pb.RewindInstanceRequest(instanceId="one"),
    "RestartInstance": pb.RestartInstanceRequest(instanceId="one"),
    "RaiseEvent": pb.RaiseEventRequest(instanceId="one", name="go"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_instance_is_not_found(hub: TaskHub, command: str) -> None:
    with refusal(grpc.StatusCode.NOT_FOUND):
        getattr(hub, command)(COMMANDS[command], in_process)


@pytest.mark.parametrize("command", ["TerminateInstance", "SuspendInstance", "ResumeInstance"])
@pytest.mark.parametrize("ending", ENDED)
def test_an_ended_instance_takes_no_command(
    hub: TaskHub, worker: Worker, command: str, ending: pb.OrchestrationStatus
) -> None:
    start(hub)
    worker.turn(complete(ending))
    with refusal(grpc.StatusCode.FAILED_PRECONDITION, "one"):
        getattr(hub, command)(COMMANDS[command], in_process)


@pytest.mark.parametrize("ending", ENDED)
def test_an_ended_instance_takes_no_event(hub: TaskHub, worker: Worker, ending: pb.OrchestrationStatus) -> None:
    start(hub)
    worker.turn(complete(ending))
    with refusal(grpc.StatusCode.FAILED_PRECONDITION, NOT_RUNNING):
        raise_event(hub)


def test_an_event_needs_a_name(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn()
    with refusal(grpc.StatusCode.INVALID_ARGUMENT):
        hub.RaiseEvent(pb.RaiseEventRequest(instanceId="one"), in_process)


def test_an_event_for_an_instance_that_is_scheduled_for_later_is_accepted_and_lost(
    hub: TaskHub, worker: Worker
) -> None:
    start_later(hub)
    raise_event(hub)
    hub.TerminateInstance(pb.TerminateRequest(instanceId="one"), in_process)
    assert kinds(worker.turn()) == ["executionStarted", "executionTerminated"]


def test_an_event_for_an_instance_that_waits_for_its_first_turn_is_kept(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    raise_event(hub)
    assert kinds(worker.turn()) == ["executionStarted", "eventRaised"]


def test_an_event_for_a_suspended_instance_is_kept(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    suspend(hub, worker)
    raise_event(hub)
    hub.ResumeInstance(pb.ResumeRequest(instanceId="one"), in_process)
    assert kinds(worker.turn()) == ["eventRaised", "executionResumed"]


def test_an_instance_is_not_suspended_twice(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    suspend(hub, worker)
    with refusal(grpc.StatusCode.FAILED_PRECONDITION):
        hub.SuspendInstance(pb.SuspendRequest(instanceId="one"), in_process)


def test_only_a_suspended_instance_is_resumed(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn()
    with refusal(grpc.StatusCode.FAILED_PRECONDITION):
        hub.ResumeInstance(pb.ResumeRequest(instanceId="one"), in_process)


def test_only_a_failed_instance_is_rewound(hub: TaskHub, worker: Worker) -> None:
    rewind = pb.RewindInstanceRequest(instanceId="one")
    start(hub)
    worker.turn()
    with refusal(grpc.StatusCode.FAILED_PRECONDITION):
        hub.RewindInstance(rewind, in_process)
    raise_event(hub)
    worker.turn(complete())
    with refusal(grpc.StatusCode.FAILED_PRECONDITION):
        hub.RewindInstance(rewind, in_process)


def test_a_running_instance_is_restarted_under_a_new_id_only(hub: TaskHub, worker: Worker) -> None:
    request = pb.CreateInstanceRequest(instanceId="one", name="orchestrator")
    request.input.value = "7"
    hub.StartInstance(request, in_process)
    worker.turn()
    with refusal(grpc.StatusCode.FAILED_PRECONDITION):
        hub.RestartInstance(pb.RestartInstanceRequest(instanceId="one"), in_process)
    restart = pb.RestartInstanceRequest(instanceId="one", restartWithNewInstanceId=True)
    new = hub.RestartInstance(restart, in_process).instanceId
    turn = worker.turn()
    started = next(event.executionStarted for event in turn.newEvents if event.HasField("executionStarted"))
    assert new != "one"
    assert (turn.instanceId, started.name, started.input.value) == (new, "orchestrator", "7")
    assert status(hub) == "RUNNING"
