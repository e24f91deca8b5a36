"""Instances on the task hub: what is refused in which state, long failures, versions, one execution after another."""

# ruff: noqa: SLF001 -- who waits can be seen only inside

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest
from durabletask.client import TaskHubGrpcClient
from google.protobuf.wrappers_pb2 import StringValue

from emulator.host.hub import HubOptions, HubRefusedError, TaskHub, in_process, turns
from emulator.host.hub.options import VersionFailure, VersionMatch
from emulator.host.hub.versions import compare_versions
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

MISMATCH = "VersionMismatch: Orchestration version did not comply with Worker Versioning"
CALLS: dict[str, Any] = {
    "TerminateInstance": pb.TerminateRequest(instanceId="one"),
    "SuspendInstance": pb.SuspendRequest(instanceId="one"),
    "ResumeInstance": pb.ResumeRequest(instanceId="one"),
    "RaiseEvent": pb.RaiseEventRequest(instanceId="one", name="go"),
    "RewindInstance": pb.RewindInstanceRequest(instanceId="one"),
    "RestartInstance": pb.RestartInstanceRequest(instanceId="one"),
}


@pytest.mark.parametrize(
    ("state", "call", "code"),
    [
        *((None, call, "NOT_FOUND") for call in CALLS),
        *((state, call, "FAILED_PRECONDITION") for state in ENDED for call in list(CALLS)[:4]),
        ("RUNNING", "RewindInstance", "FAILED_PRECONDITION"),
    ],
)
def test_what_is_refused_in_which_state(hub: TaskHub, worker: Worker, state: str | None, call: str, code: str) -> None:
    if state:
        worker.bring(state)
    with pytest.raises(HubRefusedError) as refused:
        getattr(hub, call)(CALLS[call], in_process)
    assert refused.value.code.name == code
    assert status(hub) == state


@pytest.mark.parametrize(("put_off", "event"), [(False, ["eventRaised"]), (True, [])])
def test_a_pending_instance_hears_of_events_unless_its_start_is_put_off(
    hub: TaskHub, worker: Worker, event: list[str], *, put_off: bool
) -> None:
    start(hub, scheduledStartTimestamp=datetime.now(UTC) + timedelta(hours=1) if put_off else None)
    raise_event(hub)
    hub.TerminateInstance(CALLS["TerminateInstance"], in_process)
    assert kinds(worker.turn()) == ["executionStarted", *event, "executionTerminated"]


def fails(message: str) -> pb.OrchestratorAction:
    """Return an end whose text is `E: ` and the message."""
    action: pb.OrchestratorAction = complete("FAILED")
    action.completeOrchestration.failureDetails.errorType = "E"
    action.completeOrchestration.failureDetails.errorMessage = message
    return action


def test_a_failure_too_long_to_store_is_tried_for_ever(
    hub: TaskHub, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "RETRY_SECONDS", 0.01)
    start(hub)
    # A surrogate pair counts for two.
    for message in ("x" * 32_766, "😀" * 16_383):
        assert kinds(worker.turn(fails(message))) == ["executionStarted"]
        assert status(hub) == "RUNNING"
    raise_event(hub)
    assert kinds(worker.turn(fails("x" + "😀" * 16_382))) == ["executionStarted", "eventRaised"]
    assert status(hub) == "FAILED"


def test_between_two_tries_an_event_begins_no_turn(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(fails("x" * 40_000))
    raise_event(hub)
    start(hub, "two")
    assert worker.turn(complete()).instanceId == "two"


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


def test_a_turn_that_continues_as_new_drops_results_and_keeps_events_and_the_custom_status(
    hub: TaskHub, worker: Worker
) -> None:
    start(hub)
    worker.turn(activity())
    late = worker.take("activityRequest")
    raise_event(hub)
    turn = worker.take("orchestratorRequest")
    worker.finish_activity(late)
    raise_event(hub)
    worker.answer(turn, again(), custom_status="kept")
    assert kinds(worker.turn()) == ["executionStarted", "eventRaised"]
    assert get(hub).orchestrationState.customStatus.value == "kept"


@pytest.mark.parametrize(
    ("match", "refused"),
    [
        (VersionMatch.NONE, []),
        (VersionMatch.STRICT, ["1.9", "2.0.0"]),
        (VersionMatch.CURRENT_OR_OLDER, ["2.0.0"]),
    ],
)
def test_the_strategy_says_which_versions_run(match: VersionMatch, refused: list[str]) -> None:
    options = HubOptions(default_version="2.0", version_match=match, version_failure=VersionFailure.FAIL)
    hub, versions = TaskHub(MESSAGE_LIMIT, options), ["1.9", "2.0", "2.0.0"]
    worker = Worker(hub)
    for version in versions:
        start(hub, version, version=StringValue(value=version))
    start(hub, "last")
    while worker.turn(complete()).instanceId != "last":
        pass
    ends = [get(hub, version).orchestrationState.output.value for version in versions]
    assert [version for version, end in zip(versions, ends, strict=True) if end == MISMATCH] == refused


@pytest.mark.parametrize(
    ("older", "newer"),
    [("", "0.1"), ("1.0", "1.0.0"), ("1.0", "1.0.1"), ("1.9", "1.10"), ("10", "9"), ("a", "B")],
)
def test_versions_compare_as_those_of_dotnet(older: str, newer: str) -> None:
    assert compare_versions(older, newer) < 0 < compare_versions(newer, older)


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
