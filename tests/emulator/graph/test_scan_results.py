"""What a scan changes about an alert, and when that can be read."""

from typing import Any

import pytest

from emulator.graph import Tenant
from tests.emulator.graph.conftest import SCOPE, STALE, Caller, Clock

ENDED = "2023-06-09T22:50:49.5414466Z"
YESTERDAY = "2023-06-08T22:50:41.5414466Z"
EXPANDED = f"alerts/{STALE}?$expand=alertIncidents"


def incident_ids(alert: dict[str, Any]) -> list[str]:
    return [incident["id"] for incident in alert["alertIncidents"]]


async def test_what_changes_in_the_tenant_shows_after_the_next_completed_scan(
    tenant: Tenant, caller: Caller, clock: Clock
) -> None:
    alert = tenant.alerts[STALE]
    before = await caller.get(EXPANDED)
    alert.incidents.pop(0)
    await caller.refresh()
    clock.advance(7)
    alert.invent_incidents(1)
    alert.invent_incidents(1)
    meanwhile = await caller.get(EXPANDED)
    clock.advance(1)
    alert.incidents.clear()
    after = await caller.get(EXPANDED)

    assert meanwhile == before, "a scan that runs has found nothing yet"
    assert incident_ids(after)[:2] == incident_ids(before)[1:]
    assert len(set(incident_ids(after))) == after["incidentCount"] == 4, "what happens after its end it did not find"
    assert after["lastScannedDateTime"] == after["lastModifiedDateTime"] == ENDED


async def test_a_scan_that_finds_nothing_new_modifies_nothing(tenant: Tenant, caller: Caller, clock: Clock) -> None:
    tenant.alerts[STALE].incidents.pop()
    await caller.refresh()
    clock.advance(8)
    alert = await caller.get(f"alerts/{STALE}")

    assert (alert["incidentCount"], alert["isActive"]) == (2, True)
    assert (alert["lastScannedDateTime"], alert["lastModifiedDateTime"]) == (ENDED, YESTERDAY)


async def test_an_alert_may_lag_behind_its_operation(tenant: Tenant, caller: Caller, clock: Clock) -> None:
    tenant.lag_seconds = 3
    tenant.alerts[STALE].invent_incidents(1)
    url = await caller.refresh()
    clock.advance(10.9)
    operation, early = await caller.get(url), await caller.get(f"alerts/{STALE}")
    clock.advance(0.1)
    late = await caller.get(f"alerts/{STALE}")

    assert (operation["status"], operation["lastActionDateTime"]) == ("succeeded", ENDED)
    assert (early["lastScannedDateTime"], early["incidentCount"]) == (YESTERDAY, 3)
    assert (late["lastScannedDateTime"], late["incidentCount"]) == (ENDED, 4)


async def test_a_dismissal_lasts_until_a_scan_that_ends_after_it(tenant: Tenant, caller: Caller, clock: Clock) -> None:
    tenant.lag_seconds = 3
    await caller.refresh()
    clock.advance(9)
    dismissal, body = await caller.send("PATCH", f"alerts/{STALE}", json={"isActive": False})
    clock.advance(3)
    dismissed = await caller.get(f"alerts/{STALE}")
    await caller.refresh()
    clock.advance(11)
    awake = await caller.get(f"alerts/{STALE}")

    assert (dismissal.status, body) == (204, None)
    assert (dismissed["isActive"], dismissed["incidentCount"]) == (False, 3)
    assert (awake["isActive"], awake["lastModifiedDateTime"]) == (True, awake["lastScannedDateTime"])


@pytest.mark.parametrize("status", ["succeeded", "skipped"])
async def test_a_disabled_alert_is_not_scanned(tenant: Tenant, caller: Caller, clock: Clock, status: Any) -> None:
    tenant.disabled_refresh = status
    tenant.alerts[STALE].is_enabled = False
    one, every = await caller.refresh(), await caller.refresh_all()
    clock.advance(8)
    operation = await caller.get(one)
    alerts = (await caller.get(f"alerts?{SCOPE}"))["value"]

    assert operation["status"] == status
    assert operation["resourceLocation"] == (caller.graph.alert_url(STALE) if status == "succeeded" else "")
    assert (await caller.get(every))["status"] == "succeeded"
    assert [alert["id"] for alert in alerts if alert["lastScannedDateTime"] != ENDED] == [STALE]
    assert (await caller.get(f"alertConfigurations/{STALE}"))["isEnabled"] is False


async def test_the_refresh_of_a_disabled_alert_may_be_refused(tenant: Tenant, caller: Caller) -> None:
    tenant.disabled_refresh = "refused"
    tenant.alerts[STALE].is_enabled = False

    assert await caller.refusal("POST", f"alerts/{STALE}/refresh") == (400, "BadRequest")
    assert await caller.refusal("GET", f"operations/refresh:{STALE}") == (404, "ResourceNotFound")
