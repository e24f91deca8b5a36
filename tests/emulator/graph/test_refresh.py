"""Making Privileged Identity Management scan again."""

from email.utils import parsedate_to_datetime
from uuid import UUID

import pytest

from emulator.graph import Tenant
from emulator.graph.timestamps import dotnet
from tests.emulator.graph.conftest import SCOPE, Caller, Clock

EVERYTHING = {"scopeId": "/", "scopeType": "DirectoryRole"}


@pytest.fixture
def stale(tenant: Tenant) -> str:
    return tenant.alert_id("StaleSignInAlert")


async def test_a_refresh_is_accepted_and_leads_to_its_operation(caller: Caller, stale: str, clock: Clock) -> None:
    response, body = await caller.send("POST", f"alerts/{stale}/refresh")
    operation = await caller.get(response.headers["Location"])

    assert (response.status, body) == (202, None)
    assert response.headers["Location"] == caller.graph.operation_url(f"refresh:{stale}")
    assert parsedate_to_datetime(response.headers["Date"]) == clock.now.replace(microsecond=0)
    assert (operation["status"], operation["createdDateTime"]) == ("running", "2023-06-09T22:50:41.5414466Z")


async def test_every_refresh_of_an_alert_shares_one_operation(caller: Caller, stale: str, clock: Clock) -> None:
    first, _ = await caller.send("POST", f"alerts/{stale}/refresh")
    clock.advance(60)
    over = await caller.get(first.headers["Location"])
    second, _ = await caller.send("POST", f"alerts/{stale}/refresh")
    again = await caller.get(second.headers["Location"])

    assert first.headers["Location"] == second.headers["Location"]
    assert (over["status"], again["status"]) == ("succeeded", "running")
    assert over["createdDateTime"] < again["createdDateTime"]


async def test_a_scan_counts_although_another_began_before_anyone_looked(
    tenant: Tenant, caller: Caller, stale: str, clock: Clock
) -> None:
    first = tenant.start_operation(stale, duration=10)
    clock.advance(60)
    tenant.start_operation(stale, duration=10)

    assert (await caller.get(f"alerts/{stale}"))["lastScannedDateTime"] == dotnet(first.ends_at)


async def test_the_scan_that_ended_last_counts(tenant: Tenant, caller: Caller, stale: str, clock: Clock) -> None:
    longer = tenant.start_operation(stale, duration=100)
    tenant.start_all(duration=50)
    clock.advance(200)

    assert (await caller.get(f"alerts/{stale}"))["lastScannedDateTime"] == dotnet(longer.ends_at)


async def test_a_refresh_wakes_a_dismissed_alert(caller: Caller, stale: str, clock: Clock) -> None:
    dismissal, body = await caller.send("PATCH", f"alerts/{stale}", json={"isActive": False})
    dismissed = await caller.get(f"alerts/{stale}")
    await caller.send("POST", f"alerts/{stale}/refresh")
    clock.advance(60)
    woken = await caller.get(f"alerts/{stale}")

    assert (dismissal.status, body) == (204, None)
    assert (dismissed["isActive"], dismissed["incidentCount"]) == (False, 3)
    assert (woken["isActive"], woken["lastModifiedDateTime"]) == (True, woken["lastScannedDateTime"])


async def test_refreshing_everything_scans_every_alert_under_a_new_id(caller: Caller, clock: Clock) -> None:
    response, body = await caller.send("POST", "alerts/refresh", json=EVERYTHING)
    other, _ = await caller.send("POST", "alerts/refresh", json=EVERYTHING)
    clock.advance(60)
    operation = await caller.get(response.headers["Location"])
    alerts = await caller.get(f"{operation['resourceLocation']}?{SCOPE}")

    assert (response.status, body) == (202, None)
    assert str(UUID(operation["id"])) == operation["id"]
    assert response.headers["Location"] == caller.graph.operation_url(operation["id"]) != other.headers["Location"]
    assert {alert["lastScannedDateTime"] for alert in alerts["value"]} == {operation["lastActionDateTime"]}
    assert len(alerts["value"]) == 7


async def test_the_tenant_says_how_long_refreshes_take_and_how_they_end(
    tenant: Tenant, caller: Caller, stale: str, clock: Clock
) -> None:
    tenant.scan_seconds, tenant.outcome = 100, "failed"
    response, _ = await caller.send("POST", f"alerts/{stale}/refresh")
    seen = []
    for seconds in (99, 1):
        clock.advance(seconds)
        seen.append((await caller.get(response.headers["Location"]))["status"])

    assert seen == ["running", "failed"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{}", b'{"scopeId": "/"}', b'{"scopeId": "/x", "scopeType": "DirectoryRole"}']
)
async def test_refreshing_everything_needs_the_one_scope(caller: Caller, body: bytes) -> None:
    response, error = await caller.send("POST", "alerts/refresh", data=body)

    assert (response.status, error["error"]["code"]) == (400, "BadRequest")


@pytest.mark.parametrize("body", [{}, {"isActive": True}, {"isActive": False, "incidentCount": 0}])
async def test_an_alert_can_only_be_dismissed(caller: Caller, stale: str, body: dict[str, object]) -> None:
    response, _ = await caller.send("PATCH", f"alerts/{stale}", json=body)

    assert response.status == 400
    assert (await caller.get(f"alerts/{stale}"))["isActive"]


@pytest.mark.parametrize(("method", "path"), [("POST", "alerts/unknown/refresh"), ("PATCH", "alerts/unknown")])
async def test_an_unknown_alert_is_not_found(caller: Caller, method: str, path: str) -> None:
    response, error = await caller.send(method, path, json={"isActive": False})

    assert (response.status, error["error"]["code"]) == (404, "ResourceNotFound")
