"""Listing and purging the task hub's instances, beyond the measured facts of tests/conformance."""

import base64
from datetime import UTC, datetime

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from emulator.host.hub import TaskHub, in_process
from tests.emulator.host.hub_worker import ENDED, Worker, complete, start, status, status_number

EACH = {"completed", "failed", "running", "pending"}


def page(hub: TaskHub, size: int, token: str, *states: str) -> tuple[list[str], str]:
    """Return the ids on one page, and the token of the next."""
    after = StringValue(value=token) if token else None
    query = pb.InstanceQuery(
        maxInstanceCount=size, continuationToken=after, runtimeStatus=[status_number(state) for state in states]
    )
    answer = hub.QueryInstances(pb.QueryInstancesRequest(query=query), in_process)
    return [state.instanceId for state in answer.orchestrationState], answer.continuationToken.value


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_pages_follow_the_order_of_the_ids_and_a_token_is_the_next_id_in_base64(hub: TaskHub, size: int) -> None:
    ids = ["d", "b", "a b/ñ", "e", "c"]
    for instance_id in ids:
        start(hub, instance_id)
    seen, token = page(hub, size, "")
    while token:
        assert token == base64.b64encode(sorted(ids)[len(seen)].encode()).decode()
        more, token = page(hub, size, token)
        seen += more
    assert seen == sorted(ids)
    for wrong in ("?", "abc", "/w==", "grüße"):
        assert page(hub, size, wrong) == ([], "")


def start_each(hub: TaskHub, worker: Worker) -> None:
    """Start an instance that completes, one that fails, one that runs, and one that waits for its first turn."""
    for instance_id, actions in (("completed", [complete()]), ("failed", [complete("FAILED")]), ("running", [])):
        start(hub, instance_id)
        worker.turn(*actions)
    start(hub, "pending")


def test_the_next_page_has_what_the_filter_leaves(hub: TaskHub, worker: Worker) -> None:
    start_each(hub, worker)
    rows, token = page(hub, 1, "", "COMPLETED", "RUNNING")
    assert rows == ["completed"]
    assert page(hub, 1, token, "COMPLETED", "RUNNING") == (["running"], "")


@pytest.mark.parametrize("ending", ENDED)
def test_an_instance_is_purged_by_its_id_once_it_ended(hub: TaskHub, worker: Worker, ending: str) -> None:
    worker.bring(ending)
    assert hub.PurgeInstances(pb.PurgeInstancesRequest(instanceId="one"), in_process).deletedInstanceCount == 1
    assert status(hub) is None


@pytest.mark.parametrize(
    ("states", "stay"),
    [
        (["COMPLETED"], {"failed", "running", "pending"}),
        (["COMPLETED", "RUNNING"], {"failed", "pending"}),
        (["COMPLETED", "FAILED"], {"running", "pending"}),
        ([], set()),
        (["RUNNING"], set()),
        (["PENDING", "SUSPENDED"], set()),
    ],
)
def test_a_filter_takes_what_it_names_or_everything_without_an_ended_status(
    hub: TaskHub, worker: Worker, states: list[str], stay: set[str]
) -> None:
    start_each(hub, worker)
    wanted = pb.PurgeInstanceFilter(runtimeStatus=map(status_number, states))
    wanted.createdTimeFrom.FromDatetime(datetime(2020, 1, 1, tzinfo=UTC))
    purged = hub.PurgeInstances(pb.PurgeInstancesRequest(purgeInstanceFilter=wanted), in_process)
    assert purged.deletedInstanceCount == 4 - len(stay)
    assert {each for each in EACH if status(hub, each)} == stay
