"""Purging instances, as the real extension does it on Azure Storage."""

from datetime import UTC, datetime, timedelta

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest

from emulator.host.hub import TaskHub, in_process
from tests.emulator.host.hub_worker import ENDED, Worker, complete, get, purge_all, start, status

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
EACH = {"completed", "failed", "running", "pending"}


def start_each(hub: TaskHub, worker: Worker) -> None:
    """Start an instance that completes, one that fails, one that runs, and one that waits for its first turn."""
    for instance_id, actions in (("completed", [complete()]), ("failed", [complete("FAILED")]), ("running", [])):
        start(hub, instance_id)
        worker.turn(*actions)
    start(hub, "pending")


@pytest.mark.parametrize("ending", ENDED)
def test_an_instance_is_purged_by_its_id_once_it_ended(hub: TaskHub, worker: Worker, ending: str) -> None:
    worker.bring(ending)
    purged = hub.PurgeInstances(pb.PurgeInstancesRequest(instanceId="one"), in_process)
    assert (purged.deletedInstanceCount, status(hub)) == (1, None)
    assert not purged.HasField("isComplete"), "it does not say"


@pytest.mark.parametrize(
    ("statuses", "since", "stay"),
    [
        (["COMPLETED"], LONG_AGO, {"failed", "running", "pending"}),
        (["COMPLETED", "RUNNING"], LONG_AGO, {"failed", "pending"}),
        (["COMPLETED", "FAILED"], LONG_AGO, {"running", "pending"}),
        ([], LONG_AGO, set()),
        (["RUNNING"], LONG_AGO, set()),
        (["PENDING", "SUSPENDED"], LONG_AGO, set()),
        (ENDED, None, EACH),
    ],
)
def test_a_filter_takes_what_it_names_or_everything_without_an_ended_status_and_nothing_without_a_beginning(
    hub: TaskHub, worker: Worker, statuses: list[str], since: datetime | None, stay: set[str]
) -> None:
    start_each(hub, worker)
    assert purge_all(hub, statuses, since=since, until=datetime.now(UTC)) == 4 - len(stay)
    assert {each for each in EACH if status(hub, each)} == stay


def test_a_filter_takes_what_was_created_in_its_window(hub: TaskHub, worker: Worker) -> None:
    worker.bring("COMPLETED")
    state = get(hub)
    assert state
    created, instant = state.createdTimestamp.ToDatetime(tzinfo=UTC), timedelta(microseconds=1)
    for moment, count in ((created - instant, 0), (created + instant, 0), (created, 1)):
        assert purge_all(hub, since=moment, until=moment) == count
