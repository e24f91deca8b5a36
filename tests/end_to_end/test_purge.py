"""Ended runs leave after their time, with all that was said of them; one that is on its way never does."""

from collections.abc import AsyncGenerator

import pytest

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import ALLOWED, App, hosted, make_settings, scan
from tests.support.receiver import Receiver

A_MOMENT = "0.00001"
"""Days: about a second."""


@pytest.fixture(scope="module")
async def app(graph: GraphServer, identity: IdentityServer) -> AsyncGenerator[App]:
    async with hosted(make_settings(graph, identity, RUN_RETENTION_DAYS=A_MOMENT, **ALLOWED)) as running:
        yield running


async def purge(app: App) -> None:
    """Let the timer fire, until nothing but entities and what is on its way is left."""
    while True:
        await app.fire("purge_runs")
        instances = await app.instances()
        if not any(each["runtimeStatus"] in {"Completed", "Failed", "Terminated"} for each in instances):
            return


async def test_a_run_that_ended_leaves_with_its_delivery_and_one_on_its_way_stays(
    app: App, tenant: Tenant, caller: Receiver
) -> None:
    running = await app.start(operationId=scan(tenant, "NoMfaOnRoleActivationAlert", seconds=3600))
    ended = await app.start(operationId=scan(tenant), callbackUrl=f"{caller.base_url}/ended")
    failed = await app.start(operationId="refresh:DirectoryRole_x_y")
    for each in (ended, failed):
        await app.result(each)
    await app.poll(running)
    await caller.posts("/ended")
    await purge(app)

    for each in (ended, failed):
        assert (await app.call("GET", each.body["links"]["self"])).status == 404
    assert (await app.document(running))["state"] == "polling"
    await app.cancel(running)


async def test_what_a_subscriber_was_given_stays(app: App, tenant: Tenant) -> None:
    first = await app.run(operationId=scan(tenant, seconds=0), changesFor="kept")
    await purge(app)
    second = await app.run(operationId=scan(tenant, seconds=0), changesFor="kept")

    assert (first.body["changed"], second.body["changed"]) == (True, False)


async def test_runs_are_kept_for_good_where_nobody_wants_them_purged(
    graph: GraphServer, identity: IdentityServer
) -> None:
    async with hosted(make_settings(graph, identity, RUN_RETENTION_DAYS="0")) as app:
        assert "purge_runs" not in app.host.log
