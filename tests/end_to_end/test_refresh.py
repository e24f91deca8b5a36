"""From "refresh it" to a fresh alert, against a Graph that does all that the documentation leaves open."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from emulator.tokens import READ
from tests.end_to_end.conftest import QUICK, App, Reply, hosted

STALE = "StaleSignInAlert"


@pytest.fixture
def app(refreshing_app: App) -> App:
    return refreshing_app


@pytest.fixture(autouse=True)
def quick_scan(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant, "scan_seconds", 0.5)


async def refreshed(app: App, tenant: Tenant, name: str = STALE, **question: Any) -> Reply:
    return await app.result(await app.start(alertId=tenant.alert_id(name), **question))


def posts(tenant: Tenant) -> list[str]:
    return [request.target for request in tenant.requests if request.method == "POST"]


async def test_one_alert_is_scanned_and_comes_back_fresh(app: App, tenant: Tenant) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    started = await app.start(alertId=tenant.alert_id(STALE), expand="alertIncidents,alertDefinition")
    result = await app.result(started)

    assert started.body["target"] == {"alertId": tenant.alert_id(STALE)}
    assert result.status == 200
    assert result.body["fresh"] is True
    assert datetime.fromisoformat(result.body["scannedAt"]) > before
    assert len(result.body["alert"]["alertIncidents"]) == result.body["incidentCount"]
    assert posts(tenant) == [f"/beta/identityGovernance/roleManagementAlerts/alerts/{tenant.alert_id(STALE)}/refresh"]


async def test_runs_of_one_alert_that_differ_in_what_they_ask_for_share_a_scan(
    app: App, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant, "scan_seconds", 4)
    alert_id = tenant.alert_id("SequentialActivationRenewalsAlert")
    questions = [{"alertId": alert_id, "timeoutSeconds": 900 + number} for number in range(5)]
    started = await asyncio.gather(*(app.start(**question) for question in questions))
    results = [await app.result(each) for each in started]

    assert len({each.body["id"] for each in started}) == 5
    assert [result.body["fresh"] for result in results] == [True] * 5
    assert len(posts(tenant)) == 1


async def test_the_previous_success_is_shown_for_a_while_and_waited_over(
    app: App, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant, "stale_seconds", 1)
    previous = tenant.start_operation(tenant.alert_id(STALE), duration=1, ago=3600)
    result = await refreshed(app, tenant)

    assert result.body["operation"]["id"] == previous.id, "one id for every refresh"
    assert result.body["fresh"] is True
    assert datetime.fromisoformat(result.body["operation"]["createdDateTime"]) > datetime.now(UTC) - timedelta(
        minutes=1
    )


async def test_an_alert_that_shows_the_scan_later_is_waited_for(
    app: App, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant, "lag_seconds", 0.3)

    assert (await refreshed(app, tenant)).body["fresh"] is True


async def test_an_operation_that_cannot_be_read_at_once_is_waited_for(
    app: App, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant, "unready_seconds", 0.5)

    result = await app.result(await app.start(allAlerts=True))
    assert result.status == 200


@pytest.mark.parametrize("resource", ["collection", "alert", "empty"])
async def test_all_alerts_come_back_wherever_the_operation_says_they_are(
    app: App, tenant: Tenant, monkeypatch: pytest.MonkeyPatch, resource: str
) -> None:
    monkeypatch.setattr(tenant, "refresh_all_resource", resource)
    monkeypatch.setattr(tenant, "page_size", 3)
    result = await app.result(await app.start(allAlerts=True, timeoutSeconds=600 + len(resource)))

    assert sorted(alert["id"] for alert in result.body["alerts"]) == sorted(tenant.alerts)
    assert (result.body["fresh"], result.body["notScanned"]) == (True, [])


async def test_a_dismissed_alert_becomes_active_again(app: App, tenant: Tenant) -> None:
    tenant.alerts[tenant.alert_id(STALE)].dismiss()

    assert (await refreshed(app, tenant)).body["alert"]["isActive"] is True


@pytest.fixture(scope="module")
async def quiet(identity: IdentityServer) -> AsyncGenerator[tuple[App, Tenant]]:
    """Yield an app whose tenant was last scanned yesterday, and has one alert disabled."""
    tenant = Tenant(scan_seconds=0.2)
    tenant.alerts[tenant.alert_id(STALE)].is_enabled = False
    async with GraphServer(tenant) as graph:
        allowed = {"REFRESH_ENABLED": "true", **QUICK, **identity.environment}
        async with hosted({"GRAPH_BASE_URL": graph.base_url, **allowed}) as running:
            yield running, tenant


async def test_a_disabled_alert_is_a_problem_of_its_own(quiet: tuple[App, Tenant]) -> None:
    result = await refreshed(*quiet)

    assert (result.status, result.body["type"].rpartition(":")[2]) == (424, "alert-disabled")


async def test_a_scan_of_all_names_the_alerts_that_it_did_not_reach(quiet: tuple[App, Tenant]) -> None:
    app, tenant = quiet
    result = await app.result(await app.start(allAlerts=True))

    assert result.status == 200
    assert (result.body["fresh"], result.body["notScanned"]) == (False, [tenant.alert_id(STALE)])


SWITCHES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "only Read is granted": ({"granted": [READ]}, "permission-missing", ["ReadWrite", "a day"]),
    "no licence, 400": ({"unlicensed": 400}, "license-missing", ["P2"]),
    "no licence, 403": ({"unlicensed": 403}, "license-missing", ["P2"]),
}


@pytest.mark.parametrize("row", SWITCHES.values(), ids=SWITCHES)
async def test_what_an_admin_must_put_right_is_said(
    app: App, tenant: Tenant, monkeypatch: pytest.MonkeyPatch, row: tuple[dict[str, Any], str, list[str]]
) -> None:
    switches, problem, words = row
    for switch, value in switches.items():
        monkeypatch.setattr(tenant, switch, value)
    result = await refreshed(app, tenant)

    assert (result.status, result.body["type"].rpartition(":")[2]) == (424, problem)
    assert all(word in result.body["detail"] for word in words), result.body["detail"]
    assert result.body["graph"]["requestId"]


async def test_an_alert_that_nobody_knows(app: App) -> None:
    result = await app.result(await app.start(alertId="DirectoryRole_x_NoSuchAlert"))

    assert (result.status, result.body["type"].rpartition(":")[2]) == (424, "alert-not-found")


async def test_a_conflict_with_a_scan_under_way_is_sat_out(
    app: App, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant, "second_refresh", "conflict")
    tenant.start_operation(tenant.alert_id(STALE), duration=1)

    assert (await refreshed(app, tenant)).body["fresh"] is True
    assert len(posts(tenant)) > 1


async def test_a_retry_after_beyond_the_deadline_ends_the_refresh_at_once(app: App, tenant: Tenant) -> None:
    tenant.throttle_refreshes(315)
    try:
        result = await refreshed(app, tenant, timeoutSeconds=60)
    finally:
        tenant.throttled_until = None

    assert result.body["type"].endswith(":timed-out")
    assert "31" in result.body["detail"]


async def test_incidents_that_graph_cuts_are_all_there(
    app: App, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant, "expand_limit", 1)
    monkeypatch.setattr(tenant, "page_size", 1)
    result = await refreshed(app, tenant, expand="alertIncidents")

    assert (result.body["incidentCount"], result.body["incidentsFetched"]) == (3, 3)
    assert len({incident["id"] for incident in result.body["alert"]["alertIncidents"]}) == 3


async def test_five_thousand_incidents_stay_out_of_the_history_and_are_linked(app: App, tenant: Tenant) -> None:
    # No other test refreshes this one, so that there is no scan of a moment ago to share.
    alert = tenant.alerts[tenant.alert_id("SequentialActivationRenewalsAlert")]
    before = list(alert.incidents)
    alert.invent_incidents(5000)
    try:
        started = await app.start(alertId=alert.id, expand="alertIncidents")
        result = await app.result(started)
    finally:
        alert.incidents[:] = before

    assert result.status == 200
    assert (result.body["incidentCount"], result.body["incidentsTruncated"]) == (5000 + len(before), True)
    assert "alertIncidents" not in result.body["alert"]
    assert result.body["incidentsUrl"].endswith(f"/alerts/{alert.id}/alertIncidents")


async def test_where_refreshing_is_off_nothing_is_started(calling_app: App, tenant: Tenant) -> None:
    before = await calling_app.instances()
    for question in ({"alertId": tenant.alert_id(STALE)}, {"allAlerts": True}):
        refused = await calling_app.start(**question)
        assert refused.status == 403
        assert refused.body["type"].endswith(":refresh-disabled")
        assert "REFRESH_ENABLED" in refused.body["detail"]
        assert "RoleManagementAlert.ReadWrite.Directory" in refused.body["detail"]
    assert len(await calling_app.instances()) == len(before)
    assert tenant.requests == []
