"""What runs have learned of how long scans take, as anybody may read it."""

import json
import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from domain.durations import PRIOR, learned

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import QUICK, App, hosted

SECONDS = 0.8
STALE = "StaleSignInAlert"


@asynccontextmanager
async def learning(identity: IdentityServer, **settings: str) -> AsyncGenerator[tuple[App, Tenant]]:
    """Yield an app that knows nothing yet, and its tenant."""
    tenant = Tenant(scan_seconds=SECONDS)
    async with GraphServer(tenant) as graph:
        environment = {"GRAPH_BASE_URL": graph.base_url, "REFRESH_ENABLED": "true", **identity.environment, **QUICK}
        async with hosted({**environment, **settings}) as app:
            yield app, tenant


async def known(app: App, scans: int) -> dict[str, Any]:
    """Return what health tells once it knows of so many scans: a run's signal comes after its end."""
    while True:
        reply = await app.call("GET", "/api/health?detail", key=None)
        assert reply.status == 200
        if sum(each["count"] for each in reply.body["scans"]) >= scans:
            return dict(reply.body)


async def test_two_scans_are_known_by_the_name_of_their_alert_and_the_next_run_goes_by_them(
    identity: IdentityServer,
) -> None:
    async with learning(identity) as (app, tenant):
        before = await known(app, 0)
        for _ in range(2):
            assert (await app.result(await app.start(alertId=tenant.alert_id(STALE)))).body["fresh"] is True
        after = await known(app, 2)
        await app.result(await app.start(alertId=tenant.alert_id(STALE)))
        inputs = [each["input"] for each in await app.instances() if each["name"] == "await_alert"]

    expected = learned(learned(PRIOR, SECONDS), SECONDS)
    [scan] = after["scans"]
    assert (before["status"], before["scans"]) == ("healthy", [])
    assert math.isclose(before["prior"]["medianSeconds"], math.exp(PRIOR["mean"]), abs_tol=0.1)
    assert (scan["kind"], scan["count"]) == (STALE, 2)
    # A refresh that joins nothing takes as long as the emulated scan; Graph's clock and PIM's are one here.
    assert math.isclose(scan["medianSeconds"], math.exp(expected["mean"]), rel_tol=0.1)
    assert [run["durations"]["mean"] < PRIOR["mean"] for run in inputs] == [True]
    assert tenant.tenant_id not in json.dumps(after)


async def test_all_alerts_are_a_kind_of_their_own_and_so_are_operations_without_a_name(
    identity: IdentityServer,
) -> None:
    async with learning(identity) as (app, tenant):
        await app.result(await app.start(allAlerts=True))
        operation = tenant.start_all(duration=3)
        await app.result(await app.start(operationId=operation.id))

        assert [each["kind"] for each in (await known(app, 2))["scans"]] == ["allAlerts", "otherOperations"]


async def test_where_learning_is_off_nothing_is_kept_and_nothing_is_told(identity: IdentityServer) -> None:
    async with learning(identity, POLL_LEARNING="false") as (app, tenant):
        result = await app.result(await app.start(alertId=tenant.alert_id(STALE)))
        entities = await app.call("GET", "/runtime/webhooks/durabletask/entities", key="the-system-key")
        health = await app.call("GET", "/api/health?detail=true", key=None)

    assert result.body["fresh"] is True
    assert {each["entityId"]["name"] for each in entities.body} == {"alert_memory"}
    assert (health.status, health.body["scans"]) == (200, [])
