"""Listing the task hub's instances, as Azure Storage does it."""

import base64
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import StringValue

from emulator.host.hub import HubRefusedError, TaskHub, in_process
from tests.emulator.host.hub_worker import Worker, complete, get, start, status_number

ALL = 2**31 - 1


def query(hub: TaskHub, size: int = ALL, **conditions: Any) -> pb.QueryInstancesResponse:
    request = pb.QueryInstancesRequest(query=pb.InstanceQuery(maxInstanceCount=size, **conditions))
    return hub.QueryInstances(request, in_process)


def page(hub: TaskHub, size: int = ALL, token: str = "", **conditions: Any) -> tuple[list[str], str]:
    """Return the ids on one page, and the token of the next."""
    answer = query(hub, size, continuationToken=StringValue(value=token) if token else None, **conditions)
    return [state.instanceId for state in answer.orchestrationState], answer.continuationToken.value


@pytest.fixture
def ids(hub: TaskHub) -> list[str]:
    """Start instances in another order than that of their ids, and return these in theirs."""
    begun = ["d", "b", "a b/ñ", "e", "c"]
    for instance_id in begun:
        start(hub, instance_id)
    return sorted(begun)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_pages_follow_the_order_of_the_ids_and_a_token_is_the_next_id_in_base64(
    hub: TaskHub, ids: list[str], size: int
) -> None:
    seen, token = page(hub, size)
    while token:
        assert token == base64.b64encode(ids[len(seen)].encode()).decode()
        more, token = page(hub, size, token)
        seen += more
    assert seen == ids


@pytest.mark.parametrize("token", ["?", "abc", "/w==", "grüße"])
def test_a_token_that_is_none_gives_an_empty_page(hub: TaskHub, ids: list[str], token: str) -> None:
    assert ids
    assert page(hub, 2, token) == ([], "")


def test_a_page_of_no_rows_is_empty_and_has_a_token_and_one_of_fewer_is_an_error(hub: TaskHub, ids: list[str]) -> None:
    rows, token = page(hub, 0)
    assert rows == []
    assert page(hub, token=token) == (ids, "")
    with pytest.raises(HubRefusedError) as refused:
        page(hub, -1)
    assert refused.value.code is grpc.StatusCode.UNKNOWN


def test_a_filter_applies_before_paging(hub: TaskHub, worker: Worker) -> None:
    for instance_id in ("a", "b", "c", "d"):
        start(hub, instance_id)
        worker.turn(*[complete()] if instance_id in "bd" else [])
    completed = [status_number("COMPLETED")]
    rows, token = page(hub, 1, runtimeStatus=completed)
    assert rows == ["b"]
    assert page(hub, 1, token, runtimeStatus=completed) == (["d"], "")


def test_a_list_without_payloads_has_outputs_and_custom_status_and_no_inputs(hub: TaskHub, worker: Worker) -> None:
    start(hub, input=StringValue(value="given"))
    worker.answer(worker.take("orchestratorRequest"), complete(result="made"), custom_status="half way")

    [bare] = query(hub).orchestrationState
    assert (bare.HasField("input"), bare.output.value, bare.customStatus.value) == (False, "made", "half way")
    [full] = query(hub, fetchInputsAndOutputs=True).orchestrationState
    assert (full.input.value, full.output.value, full.customStatus.value) == ("given", "made", "half way")
    for fetch in (False, True):
        state = get(hub, payloads=fetch)
        assert state
        assert [state.HasField(field) for field in ("input", "output", "customStatus")] == [fetch] * 3


@pytest.mark.parametrize(("nanoseconds", "found"), [(-1000, []), (0, ["one"]), (1000, [])])
def test_a_window_of_creation_times_includes_both_its_ends(hub: TaskHub, nanoseconds: int, found: list[str]) -> None:
    start(hub)
    state, moment = get(hub), Timestamp()
    assert state
    moment.FromNanoseconds(state.createdTimestamp.ToNanoseconds() + nanoseconds)
    assert page(hub, createdTimeFrom=moment, createdTimeTo=moment)[0] == found
