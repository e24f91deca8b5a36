"""Listing the task hub's instances, as Azure Storage does it."""

import time
from collections.abc import Iterable

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest

from emulator.host.hub import TaskHub, in_process
from tests.emulator.host.hub_worker import Worker, again, start


def page(
    hub: TaskHub, size: int = 0, token: str = "", statuses: Iterable[pb.OrchestrationStatus] = ()
) -> tuple[list[str], str]:
    """Return the ids on one page, and the token of the next."""
    request = pb.QueryInstancesRequest(query=pb.InstanceQuery(maxInstanceCount=size, runtimeStatus=statuses))
    if token:
        request.query.continuationToken.value = token
    answer = hub.QueryInstances(request, in_process)
    return [state.instanceId for state in answer.orchestrationState], answer.continuationToken.value


@pytest.fixture
def ids(hub: TaskHub) -> list[str]:
    """Start instances in another order than that of their ids, and return these in theirs."""
    started = ["d", "b", "a b/ñ", "e", "c"]
    for instance_id in started:
        start(hub, instance_id)
    return sorted(started)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_pages_follow_the_order_of_the_ids(hub: TaskHub, ids: list[str], size: int) -> None:
    seen, token = page(hub, size)
    while token:
        assert token.isascii(), "the management API sends it as a header"
        more, token = page(hub, size, token)
        seen += more
    assert seen == ids


@pytest.mark.parametrize("size", [0, -1, 5, 100])
def test_the_last_page_has_no_token(hub: TaskHub, ids: list[str], size: int) -> None:
    assert page(hub, size) == (ids, "")


def test_what_leaves_the_filter_moves_no_other_instance_to_another_page(hub: TaskHub, ids: list[str]) -> None:
    pending = [pb.ORCHESTRATION_STATUS_PENDING]
    first, token = page(hub, 2, statuses=pending)
    hub.TerminateInstance(pb.TerminateRequest(instanceId=first[0]), in_process)
    second, _ = page(hub, 100, token, statuses=pending)

    assert first + second == ids


def test_the_instance_that_a_token_names_may_be_gone(hub: TaskHub, ids: list[str]) -> None:
    _, token = page(hub, 2)
    hub.PurgeInstances(pb.PurgeInstancesRequest(instanceId=ids[2]), in_process)

    assert page(hub, 100, token) == (ids[3:], "")


def created(hub: TaskHub) -> int:
    found = hub.GetInstance(pb.GetInstanceRequest(instanceId="one"), in_process)
    return int(found.orchestrationState.createdTimestamp.ToNanoseconds())


def test_an_instance_that_continues_as_new_is_created_anew(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    before, now = created(hub), time.time_ns()
    worker.turn(again())

    assert before <= now // 1000 * 1000 <= created(hub)
