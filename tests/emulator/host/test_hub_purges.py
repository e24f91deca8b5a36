"""Purging instances, as the real extension does it on Azure Storage."""

from datetime import UTC, datetime, timedelta

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest

from emulator.host.hub import TaskHub, in_process
from tests.emulator.host.hub_worker import (
    ENDED,
    Worker,
    child_of_one,
    complete,
    purge_all,
    refusal,
    start,
    start_later,
    status,
    suspend,
)


def purge(hub: TaskHub, instance_id: str = "one") -> pb.PurgeInstancesResponse:
    return hub.PurgeInstances(pb.PurgeInstancesRequest(instanceId=instance_id), in_process)


def exists(hub: TaskHub, instance_id: str = "one") -> bool:
    return bool(hub.GetInstance(pb.GetInstanceRequest(instanceId=instance_id), in_process).exists)


def one_of_each(hub: TaskHub, worker: Worker) -> None:
    """Start an instance that completes, one that fails, one that runs, and one that waits for its first turn."""
    for instance_id, actions in {
        "completed": [complete()],
        "failed": [complete(pb.ORCHESTRATION_STATUS_FAILED)],
        "running": [],
    }.items():
        start(hub, instance_id)
        worker.turn(*actions)
    start(hub, "pending")


def left(hub: TaskHub) -> set[str]:
    return {each for each in ("completed", "failed", "running", "pending") if exists(hub, each)}


def test_an_instance_is_purged_by_its_id_once_it_ended(hub: TaskHub, worker: Worker) -> None:
    start_later(hub, "later")
    start(hub)
    for proceed in (worker.turn, lambda: suspend(hub, worker)):
        with refusal(grpc.StatusCode.FAILED_PRECONDITION):
            purge(hub)
        proceed()
    for instance_id in ("one", "later"):
        with refusal(grpc.StatusCode.FAILED_PRECONDITION):
            purge(hub, instance_id)
    assert (status(hub), status(hub, "later")) == ("SUSPENDED", "PENDING")
    for ending in ENDED:
        start(hub, "two")
        worker.turn(complete(ending))
        assert purge(hub, "two").deletedInstanceCount == 1
        assert not exists(hub, "two")


@pytest.mark.parametrize(
    ("statuses", "stay"),
    [
        ([pb.ORCHESTRATION_STATUS_COMPLETED], {"failed", "running", "pending"}),
        ([pb.ORCHESTRATION_STATUS_COMPLETED, pb.ORCHESTRATION_STATUS_RUNNING], {"failed", "pending"}),
        ([pb.ORCHESTRATION_STATUS_COMPLETED, pb.ORCHESTRATION_STATUS_FAILED], {"running", "pending"}),
        ([], set()),
        ([pb.ORCHESTRATION_STATUS_RUNNING], set()),
        ([pb.ORCHESTRATION_STATUS_PENDING, pb.ORCHESTRATION_STATUS_SUSPENDED], set()),
    ],
)
def test_a_filter_takes_what_it_names_and_everything_when_it_names_no_ended_status(
    hub: TaskHub, worker: Worker, statuses: list[pb.OrchestrationStatus], stay: set[str]
) -> None:
    one_of_each(hub, worker)
    assert purge_all(hub, statuses) == 4 - len(stay)
    assert left(hub) == stay


def test_a_filter_without_a_beginning_takes_nothing(hub: TaskHub, worker: Worker) -> None:
    one_of_each(hub, worker)
    wanted = pb.PurgeInstanceFilter(runtimeStatus=ENDED)
    wanted.createdTimeTo.FromDatetime(datetime.now(UTC) + timedelta(hours=1))
    purged = hub.PurgeInstances(pb.PurgeInstancesRequest(purgeInstanceFilter=wanted), in_process)
    assert purged.deletedInstanceCount == 0
    assert len(left(hub)) == 4


def test_a_filter_takes_what_was_created_in_its_window(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(complete())
    found = hub.GetInstance(pb.GetInstanceRequest(instanceId="one"), in_process)
    created = found.orchestrationState.createdTimestamp.ToDatetime(tzinfo=UTC)
    instant = timedelta(microseconds=1)
    for since, until, count in (
        (created - instant, created - instant, 0),
        (created + instant, created + instant, 0),
        (created, created, 1),
    ):
        wanted = pb.PurgeInstanceFilter(runtimeStatus=ENDED)
        wanted.createdTimeFrom.FromDatetime(since)
        wanted.createdTimeTo.FromDatetime(until)
        purged = hub.PurgeInstances(pb.PurgeInstancesRequest(purgeInstanceFilter=wanted), in_process)
        assert purged.deletedInstanceCount == count


def test_a_purge_does_not_say_whether_it_is_complete(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(complete())
    assert not purge(hub).HasField("isComplete")


def test_a_child_is_not_purged_with_its_parent(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(child_of_one())
    worker.turn(complete())
    worker.turn(complete())
    hub.PurgeInstances(pb.PurgeInstancesRequest(instanceId="one", recursive=True), in_process)
    assert (exists(hub), exists(hub, "two")) == (False, True)
