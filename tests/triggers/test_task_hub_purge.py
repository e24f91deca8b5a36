"""What a purge asks of the task hub. The real hub purges whatever the request does not rule out."""

import itertools
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import azure.durable_functions as df
import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest
from triggers.task_hub import TaskHubUnavailable
from triggers.task_hub_purge import purge_ended

from tests.triggers.fake_client import Refused

CUTOFF = datetime(2026, 1, 31, 2, 43, tzinfo=UTC)
ENDED = {pb.ORCHESTRATION_STATUS_COMPLETED, pb.ORCHESTRATION_STATUS_FAILED, pb.ORCHESTRATION_STATUS_TERMINATED}
HOUR = timedelta(hours=1)


class Stub:
    """Keeps what it is asked; a test can refuse a window. Nothing but a purge may be asked: a list needs outputs."""

    def __init__(self) -> None:
        self.filters: list[pb.PurgeInstanceFilter] = []
        self.created: list[datetime] = []
        self.refusal: Callable[[timedelta], grpc.StatusCode | None] = lambda _: None

    async def PurgeInstances(self, request: pb.PurgeInstancesRequest) -> pb.PurgeInstancesResponse:  # noqa: N802
        assert request.WhichOneof("request") == "purgeInstanceFilter", "never by id"
        self.filters.append(request.purgeInstanceFilter)
        since, until = self.windows[-1]
        if code := self.refusal(until - since):
            raise Refused(code)
        gone = [moment for moment in self.created if since <= moment <= until]
        self.created = [moment for moment in self.created if moment not in gone]
        return pb.PurgeInstancesResponse(deletedInstanceCount=len(gone))

    @property
    def windows(self) -> list[tuple[datetime, datetime]]:
        def moment(bound: str, each: pb.PurgeInstanceFilter) -> datetime:
            assert each.HasField(bound), "the real hub purges nothing without a bound"
            found: datetime = getattr(each, bound).ToDatetime(UTC)
            return found

        return [(moment("createdTimeFrom", each), moment("createdTimeTo", each)) for each in self.filters]


@pytest.fixture
async def stub() -> Stub:
    return Stub()


@pytest.fixture
async def client(stub: Stub) -> AsyncIterator[df.DurableFunctionsClient]:
    opened = df.DurableFunctionsClient(json.dumps({"rpcBaseUrl": "http://127.0.0.1:9"}))
    opened._stub = stub  # type: ignore[assignment]  # noqa: SLF001 -- what the SDK would send
    yield opened
    await opened.close()


async def test_every_request_names_the_ended_statuses(client: df.DurableFunctionsClient, stub: Stub) -> None:
    # https://github.com/Azure/azure-functions-durable-extension: without a status the hub purges running runs, too.
    await purge_ended(client, CUTOFF)

    assert stub.filters
    for each in stub.filters:
        assert set(each.runtimeStatus) == ENDED


async def test_the_windows_leave_no_gap_from_the_cutoff_to_the_first_run(
    client: df.DurableFunctionsClient, stub: Stub
) -> None:
    await purge_ended(client, CUTOFF)

    assert stub.windows[0][1] == CUTOFF
    assert all(later[0] == earlier[1] for later, earlier in itertools.pairwise(stub.windows))
    assert stub.windows[-1][0] <= datetime(2020, 1, 1, tzinfo=UTC)


async def test_what_a_night_brings_goes_by_the_hour_and_the_rest_in_few_requests(
    client: df.DurableFunctionsClient, stub: Stub
) -> None:
    await purge_ended(client, CUTOFF)
    lengths = [until - since for since, until in stub.windows]

    assert lengths[:24] == [HOUR] * 24
    assert lengths == sorted(lengths)
    assert len(lengths) < 50


async def test_a_purge_counts_what_is_gone_and_keeps_what_is_newer(
    client: df.DurableFunctionsClient, stub: Stub
) -> None:
    old = [CUTOFF - timedelta(hours=hours) for hours in (0.5, 1.5, 30, 24 * 400, 24 * 2000)]
    new = [CUTOFF + timedelta(seconds=1)]
    stub.created = [*old, *new]

    assert await purge_ended(client, CUTOFF) == len(old)
    assert stub.created == new


@pytest.mark.parametrize("code", [grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNKNOWN])
async def test_a_window_that_holds_too_much_is_halved(
    client: df.DurableFunctionsClient, stub: Stub, code: grpc.StatusCode
) -> None:
    stub.refusal = lambda length: code if length > timedelta(days=3) else None
    stub.created = [CUTOFF - timedelta(days=days) for days in (5, 40, 41, 300)]

    assert await purge_ended(client, CUTOFF) == 4


async def test_an_hour_that_cannot_be_purged_is_an_error(client: df.DurableFunctionsClient, stub: Stub) -> None:
    stub.refusal = lambda _: grpc.StatusCode.DEADLINE_EXCEEDED
    with pytest.raises(TaskHubUnavailable, match="DEADLINE_EXCEEDED"):
        await purge_ended(client, CUTOFF)


async def test_a_hub_that_is_away_is_not_asked_again(client: df.DurableFunctionsClient, stub: Stub) -> None:
    stub.refusal = lambda length: grpc.StatusCode.UNAVAILABLE if length > HOUR else None
    with pytest.raises(TaskHubUnavailable, match="UNAVAILABLE"):
        await purge_ended(client, CUTOFF)

    assert len(stub.filters) == 25
