"""From "refresh it" to a fresh alert, against a Graph that does all that the documentation leaves open."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from emulator.graph import Tenant
from tests.end_to_end.conftest import App, Reply

STALE = "StaleSignInAlert"


async def refresh(app: App, tenant: Tenant, name: str = STALE, **request: Any) -> Reply:
    return await app.run(alertId=tenant.alert_id(name), **request)


def list_posts(tenant: Tenant) -> list[str]:
    return [request.target for request in tenant.requests if request.method == "POST"]


async def test_one_alert_is_scanned_and_comes_back_fresh(app: App, tenant: Tenant) -> None:
    before = datetime.now(UTC)
    tenant.alerts[tenant.alert_id(STALE)].dismiss()
    started = await app.start(alertId=tenant.alert_id(STALE), expand="alertIncidents,alertDefinition")
    result = await app.result(started)

    assert started.body["target"] == {"alertId": tenant.alert_id(STALE)}
    assert (result.status, result.body["fresh"]) == (200, True)
    assert datetime.fromisoformat(result.body["scannedAt"]) > before
    assert len(result.body["alert"]["alertIncidents"]) == result.body["alert"]["incidentCount"]
    assert result.body["alert"]["isActive"] is True, "a refresh activates a dismissed alert"
    assert list_posts(tenant) == [
        f"/beta/identityGovernance/roleManagementAlerts/alerts/{tenant.alert_id(STALE)}/refresh"
    ]


async def test_runs_of_one_alert_at_the_same_time_each_refresh_and_each_get_it(app: App, tenant: Tenant) -> None:
    # Graph lets the later refreshes join the scan of the first one, which must end a second after each of them.
    tenant.scan_seconds = 2.5
    results = await asyncio.gather(*(refresh(app, tenant) for _ in range(3)))

    assert {result.body["fresh"] for result in results} <= {True, None}, "null: the scan began before the run asked"
    assert len({result.body["runId"] for result in results}) == 3
    assert len(list_posts(tenant)) == 3


UNDOCUMENTED: dict[str, tuple[str, dict[str, Any]]] = {
    "the scan before shows for a while": ("RedundantAssignmentAlert", {"stale_seconds": 1.5, "lag_seconds": 0.5}),
    "the operation is not there at once": ("TooManyGlobalAdminsAssignedToTenantAlert", {"unready_seconds": 1.5}),
    "incidents come in pages of one": (STALE, {"expand_limit": 1, "page_size": 1, "location": "relative"}),
}
"""How Graph behaves where its documentation says nothing: the alert to refresh, and switches of the tenant."""


@pytest.mark.parametrize(("alert", "switches"), UNDOCUMENTED.values(), ids=UNDOCUMENTED)
async def test_a_refresh_ends_whatever_the_documentation_leaves_open(
    app: App, tenant: Tenant, alert: str, switches: dict[str, Any]
) -> None:
    if "stale_seconds" in switches:
        tenant.start_operation(tenant.alert_id(alert), duration=1, ago=3600)
    for switch, value in switches.items():
        setattr(tenant, switch, value)

    result = await refresh(app, tenant, alert, expand="alertIncidents")

    assert (result.status, result.body["fresh"]) == (200, True), result.body
    incidents = {incident["id"] for incident in result.body["alert"]["alertIncidents"]}
    assert len(incidents) == result.body["alert"]["incidentCount"]
    assert result.body["incidentsCut"] == []


@pytest.mark.parametrize("resource", ["collection", "alert", "empty"])
async def test_all_alerts_come_back_wherever_the_operation_says_they_are(
    app: App, tenant: Tenant, resource: Any
) -> None:
    tenant.refresh_all_resource = resource
    tenant.page_size = 3
    result = await app.run(allAlerts=True)

    assert sorted(alert["id"] for alert in result.body["alerts"]) == sorted(tenant.alerts)
    assert (result.body["fresh"], result.body["notScanned"]) == (True, [])


async def test_a_disabled_alert_is_named_and_does_not_hold_up_the_others(app: App, tenant: Tenant) -> None:
    disabled = tenant.alerts[tenant.alert_id("InvalidLicenseAlert")]
    disabled.is_enabled = False
    every, one = await asyncio.gather(app.run(allAlerts=True), app.run(alertId=disabled.id))

    assert (every.status, every.body["fresh"], every.body["notScanned"]) == (200, True, [disabled.id])
    assert (one.status, one.problem) == (424, "alert-disabled")


async def test_a_run_waits_until_a_conflicting_scan_is_over_and_refreshes_then(app: App, tenant: Tenant) -> None:
    tenant.second_refresh = "conflict"
    tenant.start_operation(tenant.alert_id(STALE), duration=1)

    assert (await refresh(app, tenant)).body["fresh"] is True
    assert len(list_posts(tenant)) == 2


async def test_of_five_thousand_incidents_as_many_come_back_as_fit_and_the_result_says_so(
    app: App, tenant: Tenant
) -> None:
    alert = tenant.alerts[tenant.alert_id("SequentialActivationRenewalsAlert")]
    alert.invent_incidents(5000)
    result = await app.run(alertId=alert.id, expand="alertIncidents")

    [cut] = result.body["incidentsCut"]
    assert (result.status, result.body["fresh"]) == (200, True)
    assert (cut["alertId"], cut["count"]) == (alert.id, len(alert.incidents))
    assert 0 < cut["returned"] < 5000
    assert len(result.body["alert"]["alertIncidents"]) == cut["returned"]
    assert cut["url"].endswith(f"/alerts/{alert.id}/alertIncidents")
