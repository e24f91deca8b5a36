"""The scheduled refresh of all alerts: it posts what has changed, and nothing when nothing has."""

import json
from typing import Any

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import QUICK, App, hosted
from tests.support.receiver import receiver


async def fire_schedule(app: App) -> dict[str, Any]:
    """Let the timer fire now, and return the run that it started once it is over."""
    before = {each["instanceId"] for each in await app.instances()}
    await app.fire("refresh_on_schedule")
    while True:
        for each in await app.instances():
            if each["instanceId"] not in before and (each["name"], each["runtimeStatus"]) == (
                "await_alert",
                "Completed",
            ):
                return dict(each["output"])


async def test_only_what_has_changed_is_posted(identity: IdentityServer) -> None:
    tenant = Tenant(scan_seconds=1)
    async with GraphServer(tenant) as graph, receiver() as caller:
        environment = {
            "GRAPH_BASE_URL": graph.base_url,
            "REFRESH_ENABLED": "true",
            "REFRESH_SCHEDULE": "0 0 0 1 1 *",
            "CALLBACK_ALLOWED_HOSTS": "127.0.0.1",
            "CHANGES_CALLBACK_URL": f"{caller.base_url}/changes?sig=secret",
            **identity.environment,
            **QUICK,
        }
        async with hosted(environment) as app:
            assert "refresh_on_schedule: timer 0 0 0 1 1 *" in app.host.log

            first = await fire_schedule(app)
            [everything] = [json.loads(post.body) for post in await caller.posts("/changes", 1)]
            while "Running" in {
                each["runtimeStatus"] for each in await app.instances() if each["name"] == "deliver_outcome"
            }:
                pass  # The baseline moves after the POST.
            second = await fire_schedule(app)
            tenant.alerts[tenant.alert_id("StaleSignInAlert")].incidents.append({"id": "new"})
            third = await fire_schedule(app)
            posts = [json.loads(post.body) for post in await caller.posts("/changes", 2)]

            assert (first["changed"], second["changed"], third["changed"]) == (True, False, True)
            assert len(everything["alerts"]) == len(tenant.alerts), "the first time all of it is news"
            assert len(posts) == 2, "nothing was posted when nothing had changed"
            assert [alert["id"] for alert in posts[1]["alerts"]] == [tenant.alert_id("StaleSignInAlert")]
            assert posts[1]["changes"][tenant.alert_id("StaleSignInAlert")]["added"] == ["new"]
            assert "secret" not in app.host.log


async def test_without_a_schedule_there_is_no_timer(app: App) -> None:
    assert "refresh_on_schedule" not in app.host.log
