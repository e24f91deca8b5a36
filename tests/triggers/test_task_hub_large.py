"""Runs whose outputs do not fit into one message, in a list: the real hub sends outputs with every list."""

# ruff: noqa: N802, SLF001 -- the service's method names, and what the SDK would send

import base64
import json
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import azure.durable_functions as df
import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest
from domain.instance import Instance, UnreadableRun
from domain.run_filter import RunFilter
from triggers.task_hub import TaskHubUnavailable
from triggers.task_hub_query import query_runs

from tests.support.graph_samples import asked
from tests.triggers.fake_client import Refused

LIMIT = 4_000
EVERYTHING = RunFilter()
CREATED = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
GIVEN = json.dumps(asked(CREATED))
SMALL, LARGE, UNREADABLE = 1, LIMIT * 2 // 5, 2 * LIMIT
COMPLETED = pb.ORCHESTRATION_STATUS_COMPLETED


class Stub:
    """The hub as it was measured: ordered by id, tokens are base64 of the next id, outputs are always sent."""

    def __init__(self) -> None:
        self.instances: dict[str, pb.OrchestrationState] = {}
        self.sizes: list[int] = []
        self.encode: Callable[[str], str] = lambda instance_id: base64.b64encode(instance_id.encode()).decode()

    def put(self, number: int, output: int, name: str = "await_alert") -> str:
        instance_id = str(uuid.UUID(int=number))
        state = pb.OrchestrationState(instanceId=instance_id, name=name, orchestrationStatus=COMPLETED)
        state.createdTimestamp.FromDatetime(CREATED)
        state.lastUpdatedTimestamp.FromDatetime(CREATED)
        state.input.value = GIVEN
        state.output.value = json.dumps("x" * output)
        self.instances[instance_id] = state
        return instance_id

    async def QueryInstances(self, request: pb.QueryInstancesRequest) -> pb.QueryInstancesResponse:
        query = request.query
        self.sizes.append(query.maxInstanceCount)
        begin = base64.b64decode(query.continuationToken.value).decode()
        found = [self.instances[each] for each in sorted(self.instances) if each >= begin]
        page = pb.QueryInstancesResponse(orchestrationState=found[: query.maxInstanceCount])
        if rest := found[query.maxInstanceCount :]:
            page.continuationToken.value = self.encode(rest[0].instanceId)
        must_fit(*page.orchestrationState)
        return page

    async def GetInstance(self, request: pb.GetInstanceRequest) -> pb.GetInstanceResponse:
        if request.instanceId not in self.instances:
            return pb.GetInstanceResponse(exists=False)
        state = pb.OrchestrationState()
        state.CopyFrom(self.instances[request.instanceId])
        if not request.getInputsAndOutputs:
            for field in ("input", "output", "customStatus"):
                state.ClearField(field)
        must_fit(state)
        return pb.GetInstanceResponse(exists=True, orchestrationState=state)


def must_fit(*states: pb.OrchestrationState) -> None:
    """Refuse what one message cannot carry: the outputs are what makes a message large here."""
    if sum(len(state.output.value) for state in states) > LIMIT:
        raise Refused(grpc.StatusCode.RESOURCE_EXHAUSTED)


@pytest.fixture
async def stub() -> Stub:
    return Stub()


@pytest.fixture
async def client(stub: Stub) -> AsyncIterator[df.DurableFunctionsClient]:
    opened = df.DurableFunctionsClient(json.dumps({"rpcBaseUrl": "http://127.0.0.1:9"}))
    opened._stub = stub  # type: ignore[assignment]
    yield opened
    await opened.close()


async def listed(
    client: df.DurableFunctionsClient, size: int, chosen: RunFilter = EVERYTHING
) -> list[Instance | UnreadableRun]:
    """Return the runs of every page, until there is no next one."""
    found, token = list[Instance | UnreadableRun](), None
    for _ in range(100):
        runs, token = await query_runs(client, chosen, size, token)
        assert len(runs) <= size
        found += runs
        if token is None:
            return found
    raise AssertionError("the list does not end")


async def test_runs_that_fit_come_in_one_request(client: df.DurableFunctionsClient, stub: Stub) -> None:
    ids = [stub.put(number, SMALL) for number in range(8)]

    assert [run.id for run in await listed(client, 50)] == ids
    assert stub.sizes == [50]


@pytest.mark.parametrize("size", [1, 2, 6, 50])
async def test_large_runs_come_in_pages_that_can_be_received(
    client: df.DurableFunctionsClient, stub: Stub, size: int
) -> None:
    ids = [stub.put(number, LARGE) for number in range(9)]

    assert [run.id for run in await listed(client, size)] == ids


@pytest.mark.parametrize("size", [1, 3, 50])
@pytest.mark.parametrize("places", [{0}, {3}, {7}, {2, 3}, {0, 1, 7}], ids=str)
async def test_a_run_that_no_message_can_carry_is_named_and_hides_no_other(
    client: df.DurableFunctionsClient, stub: Stub, places: set[int], size: int
) -> None:
    ids = [stub.put(at, UNREADABLE if at in places else SMALL) for at in range(8)]
    runs = await listed(client, size)

    assert [run.id for run in runs] == ids
    assert {at for at, run in enumerate(runs) if isinstance(run, UnreadableRun)} == places
    assert {run.created_at for run in runs if isinstance(run, UnreadableRun)} == {CREATED}


async def test_what_is_unreadable_and_no_run_is_passed_over(client: df.DurableFunctionsClient, stub: Stub) -> None:
    stub.put(1, UNREADABLE, name="deliver_callback")
    run = stub.put(2, SMALL)

    assert [each.id for each in await listed(client, 50)] == [run]


async def test_the_filter_holds_for_what_cannot_be_read(client: df.DurableFunctionsClient, stub: Stub) -> None:
    large, small = stub.put(1, UNREADABLE), stub.put(2, SMALL)

    async def ids(chosen: RunFilter) -> list[str]:
        return [run.id for run in await listed(client, 50, chosen)]

    assert await ids(RunFilter(frozenset({"unreadable"}))) == [large]
    assert await ids(RunFilter(frozenset({"succeeded"}))) == [small]
    assert await ids(RunFilter(created_before=CREATED)) == []


async def test_a_backend_with_other_tokens_is_no_guess(client: df.DurableFunctionsClient, stub: Stub) -> None:
    stub.encode = lambda instance_id: f"1!48!{instance_id}"
    stub.put(1, UNREADABLE)
    stub.put(2, SMALL)

    with pytest.raises(TaskHubUnavailable, match="RESOURCE_EXHAUSTED"):
        await query_runs(client, RunFilter(), 50, None)
