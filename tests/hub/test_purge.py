"""What a purge asks of the task hub: the real hub deletes whatever the request does not rule out."""

import itertools
from datetime import UTC, datetime, timedelta

import grpc
import pytest

from alert_refresh.hub.client import Client, HubError
from alert_refresh.hub.purge import purge_ended
from tests.hub.stub import ENDED, HubStub

CUTOFF = datetime(2026, 1, 31, 2, 43, tzinfo=UTC)


def windows(stub: HubStub) -> list[tuple[datetime, datetime]]:
    """Return the windows of the requests, which name the ended statuses and nothing else."""
    for request in stub.requests:
        assert request.WhichOneof("request") == "purgeInstanceFilter", "never by id"
        assert set(request.purgeInstanceFilter.runtimeStatus) == ENDED
    filters = [request.purgeInstanceFilter for request in stub.requests]
    assert all(each.HasField("createdTimeFrom") and each.HasField("createdTimeTo") for each in filters)
    return [(each.createdTimeFrom.ToDatetime(UTC), each.createdTimeTo.ToDatetime(UTC)) for each in filters]


@pytest.mark.parametrize("cutoff", [CUTOFF, datetime(2020, 1, 1, 0, 30, tzinfo=UTC), datetime(2020, 2, 1, tzinfo=UTC)])
async def test_the_windows_cover_all_time_before_the_cutoff(client: Client, stub: HubStub, cutoff: datetime) -> None:
    count = await purge_ended(client, cutoff)

    found = windows(stub)
    assert count == len(found)
    assert all(until - since <= timedelta(hours=1) for since, until in found[:24]), "a long one would not end in time"
    assert found[0][1] == cutoff - timedelta(microseconds=1), "the bound of the hub is inclusive"
    assert all(newer[0] == older[1] + timedelta(microseconds=1) for newer, older in itertools.pairwise(found))
    assert found[-1][0] == datetime(2020, 1, 1, tzinfo=UTC)


async def test_a_window_that_fails_costs_no_other(client: Client, stub: HubStub) -> None:
    codes = itertools.chain([grpc.StatusCode.DEADLINE_EXCEEDED], itertools.repeat(None))
    stub.refuse = lambda _: next(codes)
    with pytest.raises(HubError):
        await purge_ended(client, CUTOFF)
    assert windows(stub)[-1][0] == datetime(2020, 1, 1, tzinfo=UTC)


async def test_a_hub_that_is_away_is_not_asked_for_every_window(client: Client, stub: HubStub) -> None:
    stub.refuse = lambda _: grpc.StatusCode.UNAVAILABLE
    with pytest.raises(HubError, match="UNAVAILABLE"):
        await purge_ended(client, CUTOFF)
    assert len(stub.requests) == 3
