"""Runs are listed newest first, over pages and windows of time, however large they are."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alert_refresh.hub.client import Client
from alert_refresh.hub.list import Place, RunQuery, list_runs
from alert_refresh.problems import make_problem
from alert_refresh.run.state import Run, Target, make_run
from tests.hub.stub import COMPLETED, FAILED, LIMIT, PENDING, RUNNING, HubStub
from tests.support.graph_samples import ALERT_ID, OPERATION_ID, make_wish

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def make(number: int, ago: timedelta = timedelta(0), **changes: Any) -> Run:
    return make_run(str(uuid.UUID(int=number)), make_wish(NOW - ago, **changes))


def put(stub: HubStub, number: int, status: int = COMPLETED, **changes: Any) -> None:
    """Keep an instance that is `number` minutes old. `changes` are what the stub takes."""
    stub.put(make(number, timedelta(minutes=number)), status, **changes)


async def walk(client: Client, size: int, wanted: RunQuery = RunQuery()) -> list[str]:  # noqa: B008
    """Return the ids of all pages; each page has at most `size` runs."""
    ids, wanted = list[str](), wanted._replace(page_size=size)
    for _ in range(100):
        runs, after = await list_runs(client, wanted, NOW)
        assert len(runs) <= size
        ids += [run.id for run in runs]
        if after is None:
            return ids
        wanted = wanted._replace(after=after)
    raise AssertionError("the list has no end")


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 200 * 86_400), st.integers(0, 86_400)), max_size=12), st.integers(1, 5))
async def test_every_run_is_listed_once_newest_first(
    client: Client, stub: HubStub, ages: list[tuple[int, int]], size: int
) -> None:
    """Each run may have continued as new: then the hub dates its instance up to a day later."""
    stub.instances.clear()
    runs = [make(number, timedelta(seconds=age)) for number, (age, _) in enumerate(ages)]
    for run, (age, moved) in zip(runs, ages, strict=True):
        stub.put(run, created=NOW - timedelta(seconds=max(0, age - moved)))

    expected = sorted(runs, key=lambda run: (run.wish.created_at, run.id), reverse=True)
    assert await walk(client, size) == [run.id for run in expected]


async def test_a_filter_of_states_and_times(client: Client, stub: HubStub) -> None:
    statuses = {
        "queued": (PENDING, None),
        "polling": (RUNNING, {"phase": "polling"}),
        "succeeded": (COMPLETED, {}),
        "cancelled": (COMPLETED, {"problem": make_problem("run-cancelled", "")}),
        "failed": (FAILED, {"problem": make_problem("throttled", "")}),
        "timedOut": (FAILED, {"problem": make_problem("timed-out", "")}),
    }
    for number, (status, custom_status) in enumerate(statuses.values()):
        put(stub, number, status, custom_status=custom_status)
    # The hub still runs it, long after its deadline.
    stub.put(make(9, timedelta(hours=3), seconds=60), RUNNING, custom_status={"phase": "polling"})

    for number, state in enumerate(statuses):
        found = await walk(client, 10, RunQuery(frozenset({state})))  # type: ignore[arg-type]
        assert [run_id[-1] for run_id in found] == [str(number), *(["9"] if state == "timedOut" else [])], state
    since, before = NOW - timedelta(minutes=3), NOW - timedelta(minutes=1)
    assert [run_id[-1] for run_id in await walk(client, 1, RunQuery(None, since, before))] == ["2", "3"]


async def test_a_filter_of_an_alert_takes_its_name_and_every_id_with_that_name(client: Client, stub: HubStub) -> None:
    targets = [
        Target("alertId", "StaleSignInAlert"),
        Target("alertId", ALERT_ID),
        Target("operationId", OPERATION_ID),
        Target("alertId", "DirectoryRole_t_RedundantAssignmentAlert"),
        Target("allAlerts"),
        Target("operationId", "5c56"),
        Target("alertId", "a_"),
    ]
    for number, target in enumerate(targets):
        stub.put(make(number, timedelta(minutes=number), target=target))
    put(stub, 8, output="x" * 2 * LIMIT)

    for alert in ("StaleSignInAlert", ALERT_ID, OPERATION_ID.upper()):
        assert [run_id[-1] for run_id in await walk(client, 1, RunQuery(alert=alert))] == ["0", "1", "2"], alert
    assert await walk(client, 9, RunQuery(alert="5c56")) == [make(5).id]
    assert await walk(client, 9, RunQuery(alert="a_")) == [make(6).id]
    assert await walk(client, 9, RunQuery(alert="NewAlert")) == []


async def test_what_is_no_run_is_not_listed(client: Client, stub: HubStub) -> None:
    put(stub, 1)
    put(stub, 2, name="deliver_outcome")
    put(stub, 3, instance_id="started-by-hand")
    put(stub, 4)
    stub.instances[make(4).id].input.value = '{"by": "hand"}'
    put(stub, 5, output="x" * LIMIT, name="something_else")
    put(stub, 6, -1)  # What Azure Storage keeps of a purged instance. The SDK does not know this status.
    put(stub, 7, -1, output="x" * LIMIT)

    assert await walk(client, 10) == [make(1).id]


async def test_pages_shrink_until_they_can_be_received(client: Client, stub: HubStub) -> None:
    for number in range(9):
        put(stub, number, output="x" * (LIMIT * 2 // 5))

    assert len(await walk(client, 4)) == 9
    runs, _ = await list_runs(client, RunQuery(page_size=9), NOW)
    assert not [run for run in runs if isinstance(run, Place)], "each of them can be received alone"


async def test_a_run_that_cannot_be_received_is_named_and_hides_nobody(client: Client, stub: HubStub) -> None:
    for number in range(5):
        put(stub, number, output="x" * (2 * LIMIT if number in {0, 3} else 1))

    for size in (1, 2, 10):
        assert [run_id[-1] for run_id in await walk(client, size)] == ["0", "1", "2", "3", "4"], size


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
async def test_a_bound_at_the_end_of_time(client: Client, stub: HubStub, moment: datetime) -> None:
    stub.put(make(1))
    earliest, found, nothing = moment < NOW, [make(1).id], list[str]()

    assert await walk(client, 2, RunQuery(created_from=moment)) == (found if earliest else nothing)
    assert await walk(client, 2, RunQuery(created_before=moment)) == (nothing if earliest else found)
    runs, _ = await list_runs(client, RunQuery(after=Place(moment, make(0).id)), NOW)
    assert [run.id for run in runs] == (nothing if earliest else found)
