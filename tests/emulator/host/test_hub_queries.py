"""Listing the task hub's instances, as Azure Storage does it."""

import base64
from collections.abc import Iterable
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import StringValue

from emulator.host.hub import TaskHub, in_process
from tests.emulator.host.hub_worker import Worker, complete, refusal, start

ALL = 2**31 - 1


def query(hub: TaskHub, size: int = ALL, **conditions: Any) -> pb.QueryInstancesResponse:
    request = pb.QueryInstancesRequest(query=pb.InstanceQuery(maxInstanceCount=size, **conditions))
    return hub.QueryInstances(request, in_process)


def page(
    hub: TaskHub, size: int = ALL, token: str = "", statuses: Iterable[pb.OrchestrationStatus] = ()
) -> tuple[list[str], str]:
    """Return the ids on one page, and the token of the next."""
    given = StringValue(value=token) if token else None
    answer = query(hub, size, runtimeStatus=statuses, continuationToken=given)
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


def test_a_token_is_the_next_id_in_base64(hub: TaskHub, ids: list[str]) -> None:
    assert page(hub, 2)[1] == base64.b64encode(ids[2].encode()).decode()


@pytest.mark.parametrize("token", ["?", "abc", "/w==", "grüße"])
def test_a_token_that_is_none_gives_an_empty_page(hub: TaskHub, ids: list[str], token: str) -> None:
    assert ids
    assert page(hub, 2, token) == ([], "")


def test_a_page_of_no_rows_is_empty_and_has_a_token(hub: TaskHub, ids: list[str]) -> None:
    rows, token = page(hub, 0)
    assert rows == []
    assert page(hub, token=token) == (ids, "")


def test_a_page_of_fewer_than_no_rows_is_an_unknown_error(hub: TaskHub) -> None:
    with refusal(grpc.StatusCode.UNKNOWN):
        page(hub, -1)


def test_a_filter_applies_before_paging(hub: TaskHub, worker: Worker) -> None:
    for instance_id in ("a", "b", "c", "d"):
        start(hub, instance_id)
        worker.turn(*[complete()] if instance_id in "bd" else [])
    completed = [pb.ORCHESTRATION_STATUS_COMPLETED]
    rows, token = page(hub, 1, statuses=completed)
    assert rows == ["b"]
    assert page(hub, 1, token, completed) == (["d"], "")


def test_a_list_without_payloads_has_outputs_and_custom_status_and_no_inputs(hub: TaskHub, worker: Worker) -> None:
    request = pb.CreateInstanceRequest(instanceId="one", name="orchestrator")
    request.input.value = "given"
    hub.StartInstance(request, in_process)
    item = worker.take("orchestratorRequest")
    response = pb.OrchestratorResponse(
        instanceId="one", actions=[complete(result="made")], completionToken=item.completionToken
    )
    response.customStatus.value = "half way"
    hub.CompleteOrchestratorTask(response, in_process)

    [bare] = query(hub).orchestrationState
    assert (bare.HasField("input"), bare.output.value, bare.customStatus.value) == (False, "made", "half way")
    [full] = query(hub, fetchInputsAndOutputs=True).orchestrationState
    assert (full.input.value, full.output.value, full.customStatus.value) == ("given", "made", "half way")
    for fetch in (False, True):
        get = pb.GetInstanceRequest(instanceId="one", getInputsAndOutputs=fetch)
        state = hub.GetInstance(get, in_process).orchestrationState
        assert [state.HasField(field) for field in ("input", "output", "customStatus")] == [fetch] * 3


def test_a_window_of_creation_times_includes_both_its_ends(hub: TaskHub) -> None:
    start(hub)
    found = hub.GetInstance(pb.GetInstanceRequest(instanceId="one"), in_process)
    at = found.orchestrationState.createdTimestamp
    before, after = Timestamp(), Timestamp()
    before.FromNanoseconds(at.ToNanoseconds() - 1000)
    after.FromNanoseconds(at.ToNanoseconds() + 1000)
    assert query(hub, createdTimeFrom=at, createdTimeTo=at).orchestrationState
    assert not query(hub, createdTimeFrom=before, createdTimeTo=before).orchestrationState
    assert not query(hub, createdTimeFrom=after, createdTimeTo=after).orchestrationState
