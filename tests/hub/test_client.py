"""Runs in the task hub: started once for a key, read, cancelled; and every failure of the hub has a name."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest

from alert_refresh.hub import client as hub
from alert_refresh.hub.client import Client, make_run_id
from alert_refresh.run.delivery import name_delivery
from alert_refresh.run.state import Run, make_run
from tests.hub.stub import COMPLETED, FAILED, PENDING, RUNNING, HubStub
from tests.support.graph_samples import REFRESH, make_wish

CALLBACK = "https://prod-00.westeurope.logic.azure.com/x?sig=s"
KEY = make_run_id("a key")


def make(**changes: Any) -> Run:
    return make_run(KEY, make_wish(datetime.now(UTC), **changes))


def test_an_id_is_random_or_made_of_the_key_alone() -> None:
    assert make_run_id(None) != make_run_id(None)
    assert KEY == make_run_id("a key") != make_run_id("another key")
    assert {uuid.UUID(make_run_id(None)).version, uuid.UUID(KEY).version} == {4, 5}


async def test_a_run_is_started_and_read(client: Client) -> None:
    run = make(target=REFRESH, select=("id",), callback_url=CALLBACK)
    started = await hub.start_run(client, run)
    assert (started.run, started.status) == (run, "PENDING")
    assert (await hub.read_run(client, run.id)).run == run
    with pytest.raises(hub.HubError, match="ALREADY_EXISTS"):
        await hub.start_run(client, run)


async def test_with_a_key_a_run_is_started_once_even_when_it_is_over(client: Client, stub: HubStub) -> None:
    first = make()
    await hub.start_once(client, first)
    stub.put(first, COMPLETED, output={"done": True})
    again = await hub.start_once(client, make())

    assert again.result == {"done": True}
    assert len([request for request in stub.requests if isinstance(request, pb.CreateInstanceRequest)]) == 1


async def test_of_two_starts_at_one_moment_each_caller_learns_which_one_runs(client: Client, stub: HubStub) -> None:
    mine, other = make(), make(select=("id",))
    stub.before["started"] = lambda: stub.put(other, PENDING)
    assert (await hub.start_once(client, mine)).run == other


async def test_a_start_that_cannot_be_read_back_was_accepted(client: Client, stub: HubStub) -> None:
    run = make()

    def go_away() -> None:
        stub.refuse = lambda method: grpc.StatusCode.UNAVAILABLE if method == "get" else None

    stub.before["started"] = go_away
    assert (await hub.start_once(client, run)).run == run


def make_overdue(**changes: Any) -> Run:
    """Return a run that the hub still calls alive, long after its deadline."""
    return make_run(KEY, make_wish(datetime.now(UTC) - timedelta(days=1), **changes))


async def test_the_key_of_an_overdue_run_starts_a_new_one(client: Client, stub: HubStub) -> None:
    stub.put(make_overdue(), pb.ORCHESTRATION_STATUS_SUSPENDED)
    again = make()

    assert (await hub.start_once(client, again)).run == again
    assert stub.instances[KEY].orchestrationStatus == PENDING


async def test_an_overdue_run_does_not_make_room_for_another_request(client: Client, stub: HubStub) -> None:
    stub.put(make_overdue(select=("id",)))

    assert (await hub.start_once(client, make())).run.wish.select == ("id",)
    assert stub.instances[KEY].orchestrationStatus == RUNNING


async def test_an_overdue_run_that_does_not_end_is_not_returned(client: Client, stub: HubStub) -> None:
    stub.put(make_overdue())
    stub.stands_still = True
    with pytest.raises(hub.HubError, match="has not ended yet"):
        await hub.start_once(client, make())


async def test_an_overdue_run_that_ends_by_itself_meanwhile(client: Client, stub: HubStub) -> None:
    stub.put(make_overdue())
    stub.before["terminate"] = lambda: stub.put(make_overdue(), FAILED)
    stub.refuse = lambda method: grpc.StatusCode.FAILED_PRECONDITION if method == "terminate" else None
    again = make()

    assert (await hub.start_once(client, again)).run == again


async def test_an_id_that_another_caller_takes_between_the_read_and_the_start(client: Client, stub: HubStub) -> None:
    stub.before["start"] = lambda: stub.put(make(select=("id",)))
    assert (await hub.start_once(client, make())).run.wish.select == ("id",)


@pytest.mark.parametrize("run_id", ["", "x", "callback-x", KEY.upper(), f"{{{KEY}}}"])
async def test_what_cannot_be_a_run_id_is_not_asked_for(client: Client, stub: HubStub, run_id: str) -> None:
    with pytest.raises(hub.RunNotFound):
        await hub.read_run(client, run_id)
    assert stub.requests == []


@pytest.mark.parametrize("text", ["", "null", "[]", '{"by": "hand"}', "[" * 10_000])
async def test_an_instance_that_somebody_else_started_is_no_run(client: Client, stub: HubStub, text: str) -> None:
    stub.put(make())
    stub.instances[KEY].input.value = text
    with pytest.raises(hub.RunNotFound):
        await hub.read_run(client, KEY)


async def test_a_cancellation_that_meets_the_end_of_the_run(client: Client, stub: HubStub) -> None:
    stub.put(make())
    instance = await hub.read_run(client, KEY)
    stub.put(make(), COMPLETED)
    with pytest.raises(hub.RunOver):
        await hub.cancel_run(client, instance, None)
    del stub.instances[KEY]
    with pytest.raises(hub.RunNotFound, match=KEY):
        await hub.cancel_run(client, instance, None)


@pytest.mark.parametrize(
    ("status", "state", "target"),
    [
        (RUNNING, None, KEY),
        (COMPLETED, "delivering", name_delivery(KEY)),
        (COMPLETED, "delivered", None),
        # The delivery has not had its first turn.
        (COMPLETED, "", name_delivery(KEY)),
        (COMPLETED, None, None),
    ],
)
async def test_a_cancellation_is_an_event_to_the_run_or_to_its_delivery(
    client: Client, stub: HubStub, status: int, state: str | None, target: str | None
) -> None:
    run = make(callback_url=CALLBACK)
    stub.put(run, status)
    if state is not None:
        shown = {"state": state} if state else None
        stub.put(run, instance_id=name_delivery(KEY), name="deliver_outcome", custom_status=shown)
    instance = await hub.read_run(client, KEY)
    if target is None:
        with pytest.raises(hub.RunOver):
            await hub.cancel_run(client, instance, None)
    else:
        await hub.cancel_run(client, instance, "adele@contoso.com")
        assert json.loads(stub.requests[-1].input.value) == "adele@contoso.com"
        assert (stub.requests[-1].instanceId, stub.requests[-1].name) == (target, "cancel")


async def test_a_delivery_that_somebody_terminated_has_failed(client: Client, stub: HubStub) -> None:
    run = make(callback_url=CALLBACK)
    stub.put(run, COMPLETED)
    status = {"state": "delivering", "attempts": 3, "nextAttemptAt": "2026-01-31T12:00:00.000Z", "detail": "HTTP 503."}
    terminated = pb.ORCHESTRATION_STATUS_TERMINATED
    stub.put(run, terminated, instance_id=name_delivery(KEY), name="deliver_outcome", custom_status=status)
    found = await hub.read_delivery(client, await hub.read_run(client, KEY))
    assert found == {"state": "failed", "attempts": 3, "nextAttemptAt": None, "detail": hub.TERMINATED}


async def test_a_run_that_goes_on_has_no_delivery(client: Client, stub: HubStub) -> None:
    stub.put(make(callback_url=CALLBACK))
    assert await hub.read_delivery(client, await hub.read_run(client, KEY)) is None
    assert len(stub.requests) == 1


async def test_a_wait_ends_with_the_run_or_with_its_time(client: Client, stub: HubStub) -> None:
    stub.put(make(), COMPLETED, output=1)
    instance = await hub.read_run(client, KEY)
    assert (await hub.wait_for_end(client, instance, 1)).result == 1
    stub.refuse = lambda method: grpc.StatusCode.DEADLINE_EXCEEDED if method == "wait" else None
    assert (await hub.wait_for_end(client, instance, 1)).result == 1
