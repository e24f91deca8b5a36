"""The scheduled refresh of all alerts: it posts what has changed, and nothing when nothing has."""

import json
from typing import Any

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import ALLOWED, App, hosted, make_settings
from tests.support.receiver import Receiver


async def list_ids(app: App) -> set[str]:
    return {run["id"] for run in (await app.call("GET", "/api/runs")).body["value"]}


async def fire_schedule(app: App) -> dict[str, Any]:
    """Let the timer fire now, and return the result of the run that it starts, once its callback is over, too."""
    before = await list_ids(app)
    await app.fire("refresh_on_schedule")
    while not (new := await list_ids(app) - before):
        pass
    run = await app.call("GET", f"/api/runs/{new.pop()}")
    result = await app.result(run)
    # The baseline moves after the POST.
    while (await app.document(run))["callback"]["state"] in {"pending", "delivering"}:
        pass
    return dict(result.body)


async def test_only_what_has_changed_is_posted(identity: IdentityServer, caller: Receiver) -> None:
    tenant = Tenant(scan_seconds=1)
    stale = tenant.alert_id("StaleSignInAlert")
    schedule = {"REFRESH_SCHEDULE": "0 0 0 1 1 *", "CHANGES_CALLBACK_URL": f"{caller.base_url}/changes?sig=secret"}
    async with (
        GraphServer(tenant) as graph,
        hosted(make_settings(graph, identity, **ALLOWED, **schedule)) as app,
    ):
        first, second = await fire_schedule(app), await fire_schedule(app)
        tenant.alerts[stale].incidents.append({"id": "new"})
        third = await fire_schedule(app)

    everything, news = [json.loads(post.body) for post in caller.received]
    assert (first["changed"], second["changed"], third["changed"]) == (True, False, True)
    assert len(everything["alerts"]) == len(tenant.alerts), "the first time all of it is news"
    assert [alert["id"] for alert in news["alerts"]] == [stale]
    assert news["changes"][stale]["added"] == [{"id": "new", "person": None, "role": None}]
    assert "refresh_on_schedule: timer 0 0 0 1 1 *" in app.host.log
    assert "secret" not in app.host.log
