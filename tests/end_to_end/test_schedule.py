"""The scheduled refresh of all alerts: it posts what has changed, and nothing when nothing has."""

import json
from datetime import UTC, datetime
from typing import Any

from alert_refresh.pages.card import LARGEST
from emulator.graph import GraphServer, Tenant
from emulator.graph.tenant.alert import Alert
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import ALLOWED, App, hosted, make_settings
from tests.pages.test_card import list_lines
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


def read_card(body: bytes) -> list[str]:
    return list_lines(json.loads(body)["attachments"][0]["content"])


async def test_teams_gets_cards_about_what_is_severe_enough_and_not_expected(
    identity: IdentityServer, caller: Receiver
) -> None:
    tenant = Tenant(scan_seconds=1)
    names = ("StaleSignInAlert", "RedundantAssignmentAlert", "TooManyGlobalAdminsAssignedToTenantAlert")
    medium, low, _ = (tenant.alerts[tenant.alert_id(name)] for name in names)
    expected = "6e0d3c58-41fb-4c29-b7a8-95d2e1f4c063"
    settings = {
        "REFRESH_SCHEDULE": "0 0 0 1 1 *",
        "CHANGES_CALLBACK_URL": f"{caller.base_url}/teams?sig=secret",
        "CHANGES_FORMAT": "teams",
        "CHANGES_MIN_SEVERITY": "medium",
        "CHANGES_IGNORE": f"{expected},00000000-0000-0000-0000-000000000000",
    }
    async with (
        GraphServer(tenant) as graph,
        hosted(make_settings(graph, identity, **ALLOWED, **settings)) as app,
    ):
        first = await fire_schedule(app)
        low.incidents.append({"id": "new"})
        medium.incidents.append({"id": "known", "assigneeId": expected.upper()})
        quiet = await fire_schedule(app)
        medium.incidents.append({"id": "new", "assigneeDisplayName": "Megan Bowen", "roleDisplayName": "Reader"})
        news = await fire_schedule(app)

    watching, changed = [read_card(post.body) for post in caller.received]
    severe = sum(alert.definition["severityLevel"] in {"medium", "high"} for alert in tenant.alerts.values())
    assert watching[0].startswith(f"Now watching {severe} PIM alerts, ")
    assert (first["changed"], quiet["changed"], news["changed"]) == (True, False, True)
    assert quiet["changes"][low.id]["changed"] is True, "the result itself says everything"
    assert changed[0] == "1 PIM alert changed"
    assert "New: Megan Bowen (Reader)" in changed
    lines = [line for line in app.host.log.splitlines() if "pim.alert.changed" in line]
    assert len(lines) == 1, (
        "what is expected or not severe enough is no news, and neither is what is watched from now on"
    )
    for said in ('"alert": "StaleSignInAlert"', '"change": "added"', '"incidentId": "new"', '"role": "Reader"'):
        assert said in lines[0]
    assert "Megan Bowen" not in app.host.log
    assert "[Open the run]" not in "".join(changed), "without PUBLIC_URL the schedule knows no URL"
    assert {post.headers["Content-Type"] for post in caller.received} == {"application/json"}


async def test_a_card_and_the_log_agree_that_expected_incidents_make_no_alert_active(
    identity: IdentityServer, caller: Receiver
) -> None:
    tenant = Tenant(scan_seconds=1)
    for each in tenant.alerts.values():
        each.incidents.clear()
    stale = tenant.alerts[tenant.alert_id("StaleSignInAlert")]
    people = [f"00000000-0000-0000-0000-{number:012}" for number in range(1000)]
    stale.incidents.extend({"id": person, "assigneeId": person} for person in people[:50])
    settings = {
        "REFRESH_SCHEDULE": "0 0 0 1 1 *",
        "CHANGES_CALLBACK_URL": f"{caller.base_url}/teams",
        "CHANGES_FORMAT": "teams",
        "CHANGES_IGNORE": ",".join(people),
    }
    async with GraphServer(tenant) as graph, hosted(make_settings(graph, identity, **ALLOWED, **settings)) as app:
        await fire_schedule(app)
        stale.incidents.append({"id": "new", "assigneeDisplayName": "Megan Bowen"})
        await fire_schedule(app)
        stale.incidents.pop()
        last = await fire_schedule(app)

    first, second, third = [read_card(post.body) for post in caller.received]
    assert first == ["Now watching 7 PIM alerts, 0 active"]
    assert "medium, has become active, 1 incident," in second[1]
    assert "medium, no longer active, 0 incidents," in third[1]
    lines = [line for line in app.host.log.splitlines() if "pim.alert.changed" in line]
    assert [json.loads(line[line.index("{") :])["change"] for line in lines] == [
        *("active", "added"),
        *("inactive", "removed"),
    ]
    changes = last["changes"][stale.id]
    assert (changes["activeNow"], changes["incidentCountNow"]) == (False, 0)
    graph_says = next(alert for alert in last["alerts"] if alert["id"] == stale.id)
    assert (graph_says["isActive"], graph_says["incidentCount"]) == (True, 50)


async def test_a_tenant_whose_alerts_are_all_disabled_or_missing_is_watched_all_the_same(
    identity: IdentityServer, caller: Receiver
) -> None:
    tenant = Tenant(scan_seconds=1)
    for each in tenant.alerts.values():
        each.is_enabled = False
    url = f"{caller.base_url}/teams"
    settings = {"REFRESH_SCHEDULE": "0 0 0 1 1 *", "CHANGES_CALLBACK_URL": url, "CHANGES_FORMAT": "teams"}
    async with GraphServer(tenant) as graph, hosted(make_settings(graph, identity, **ALLOWED, **settings)) as app:
        disabled = await fire_schedule(app)
        tenant.alerts.clear()
        empty = await fire_schedule(app)

    assert (disabled["fresh"], len(disabled["notScanned"]), empty["fresh"], empty["alerts"]) == (None, 7, None, [])
    [card] = [read_card(post.body) for post in caller.received]
    assert card[0] == "Now watching 7 PIM alerts, 4 active"
    assert card.count("PIM did not scan it for this run.") == 4


async def test_forty_alerts_that_all_change_are_one_card_that_teams_takes(
    identity: IdentityServer, caller: Receiver
) -> None:
    tenant = Tenant(scan_seconds=1)
    for number in range(33):
        alert_id, scanned = tenant.alert_id(f"Other{number}Alert"), datetime.now(UTC)
        other = Alert("StaleSignInAlert", alert_id, scanned=scanned, incidents=3, catch_up=tenant.alerts_now)
        tenant.alerts[alert_id] = other
    url = f"{caller.base_url}/teams"
    settings = {"REFRESH_SCHEDULE": "0 0 0 1 1 *", "CHANGES_CALLBACK_URL": url, "CHANGES_FORMAT": "teams"}
    async with GraphServer(tenant) as graph, hosted(make_settings(graph, identity, **ALLOWED, **settings)) as app:
        await fire_schedule(app)
        for each in tenant.alerts.values():
            each.invent_incidents(15)
        await fire_schedule(app)
        listed = await app.call("GET", "/api/alerts")

    first, second = [read_card(post.body) for post in caller.received]
    assert first[0].startswith("Now watching 40 PIM alerts, ")
    assert second[0] == "40 PIM alerts changed"
    assert len([line for line in second if ", scanned 20" in line]) == 40, "each alert is there"
    assert max(len(post.body) for post in caller.received) <= LARGEST
    assert len(listed.body["value"]) == 40
