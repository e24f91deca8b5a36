"""What a scan changes about an alert, and when that can be read."""

from typing import Any

import pytest

from emulator.graph import Tenant
from tests.emulator.graph.conftest import SCOPE, Caller, Clock

ENDED = "2023-06-09T22:50:49.5414466Z"
YESTERDAY = "2023-06-08T22:50:41.5414466Z"


async def incident_ids(caller: Caller, alert_id: str) -> list[str]:
    return [incident["id"] for incident in (await caller.get(f"alerts/{alert_id}/alertIncidents"))["value"]]


async def test_what_changes_in_the_tenant_shows_after_the_next_completed_scan(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    before, told = await incident_ids(caller, alert_id), await caller.get(f"alerts/{alert_id}")
    alert = tenant.alerts[alert_id]
    alert.incidents.pop(0)
    await caller.refresh(alert_id)
    clock.advance(7)
    alert.invent_incidents(1)
    alert.invent_incidents(1)
    meanwhile, told_meanwhile = await incident_ids(caller, alert_id), await caller.get(f"alerts/{alert_id}")
    clock.advance(1)
    alert.incidents.clear()
    after = await incident_ids(caller, alert_id)
    told_after = await caller.get(f"alerts/{alert_id}?$expand=alertIncidents")

    assert (meanwhile, told_meanwhile) == (before, told), "a scan that runs has found nothing yet"
    assert after[:2] == before[1:]
    assert len(after) == len(set(after)) == 4, "what the scan found is not what happened after its end"
    assert told_after["incidentCount"] == len(told_after["alertIncidents"]) == 4
    assert told_after["lastScannedDateTime"] == told_after["lastModifiedDateTime"] == ENDED


async def test_a_scan_that_finds_nothing_new_modifies_nothing(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    tenant.alerts[alert_id].incidents.pop()
    await caller.refresh(alert_id)
    clock.advance(8)
    alert = await caller.get(f"alerts/{alert_id}")

    assert (alert["incidentCount"], alert["isActive"]) == (2, True)
    assert (alert["lastScannedDateTime"], alert["lastModifiedDateTime"]) == (ENDED, YESTERDAY)


async def test_an_alert_may_lag_behind_its_operation(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    tenant.lag_seconds = 3
    tenant.alerts[alert_id].invent_incidents(1)
    url = await caller.refresh(alert_id)
    clock.advance(10.9)
    operation, early = await caller.get(url), await caller.get(f"alerts/{alert_id}")
    clock.advance(0.1)
    late = await caller.get(f"alerts/{alert_id}")

    assert (operation["status"], operation["lastActionDateTime"]) == ("succeeded", ENDED)
    assert (early["lastScannedDateTime"], early["incidentCount"]) == (YESTERDAY, 3)
    assert (late["lastScannedDateTime"], late["incidentCount"]) == (ENDED, 4)


async def test_a_dismissal_lasts_until_a_scan_that_ends_after_it(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    tenant.lag_seconds = 3
    active = []
    for _ in range(2):
        await caller.refresh(alert_id)
        clock.advance(9)
        await caller.send("PATCH", f"alerts/{alert_id}", json={"isActive": False})
        clock.advance(3)
        active.append((await caller.get(f"alerts/{alert_id}"))["isActive"])
    await caller.refresh(alert_id)
    clock.advance(11)
    active.append((await caller.get(f"alerts/{alert_id}"))["isActive"])

    assert active == [False, False, True]


@pytest.mark.parametrize("status", ["succeeded", "skipped"])
async def test_a_disabled_alert_is_not_scanned(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str, status: Any
) -> None:
    tenant.disabled_refresh = status
    tenant.alerts[alert_id].is_enabled = False
    url = await caller.refresh(alert_id)
    clock.advance(8)
    operation = await caller.get(url)

    assert operation["status"] == status
    assert operation["resourceLocation"] == (caller.graph.alert_url(alert_id) if status == "succeeded" else "")
    assert (await caller.get(f"alerts/{alert_id}"))["lastScannedDateTime"] == YESTERDAY
    assert (await caller.get(f"alertConfigurations/{alert_id}"))["isEnabled"] is False


async def test_the_refresh_of_a_disabled_alert_may_be_refused(tenant: Tenant, caller: Caller, alert_id: str) -> None:
    tenant.disabled_refresh = "refused"
    tenant.alerts[alert_id].is_enabled = False

    assert await caller.refusal("POST", f"alerts/{alert_id}/refresh") == (400, "BadRequest")
    assert await caller.refusal("GET", f"operations/refresh:{alert_id}") == (404, "ResourceNotFound")


async def test_a_refresh_of_all_passes_over_disabled_alerts(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    tenant.alerts[alert_id].is_enabled = False
    await caller.send("POST", "alerts/refresh", json={"scopeId": "/", "scopeType": "DirectoryRole"})
    clock.advance(8)
    alerts = (await caller.get(f"alerts?{SCOPE}"))["value"]

    assert [alert["id"] for alert in alerts if alert["lastScannedDateTime"] != ENDED] == [alert_id]
