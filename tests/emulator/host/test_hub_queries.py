"""Listing and purging the task hub's instances, beyond the measured facts of tests/conformance."""

import base64
from datetime import UTC, datetime

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from emulator.host.hub import TaskHub, in_process
from tests.emulator.host.hub_worker import Worker, complete, start, status, status_number

EACH = {"completed", "failed", "running", "pending"}


def page(hub: TaskHub, size: int, token: str) -> tuple[list[str], str]:
    """Return the ids on one page, and the token of the next."""
    query = pb.InstanceQuery(maxInstanceCount=size, continuationToken=StringValue(value=token) if token else None)
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
    for instance_id, actions in (("completed", [complete()]), ("failed", [complete("FAILED")]), ("running", [])):
        start(hub, instance_id)
        worker.turn(*actions)
    start(hub, "pending")
    wanted = pb.PurgeInstanceFilter(runtimeStatus=map(status_number, states))
    wanted.createdTimeFrom.FromDatetime(datetime(2020, 1, 1, tzinfo=UTC))
    purged = hub.PurgeInstances(pb.PurgeInstancesRequest(purgeInstanceFilter=wanted), in_process)
    assert purged.deletedInstanceCount == 4 - len(stay)
    assert {each for each in EACH if status(hub, each)} == stay
