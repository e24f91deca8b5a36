"""Making Privileged Identity Management scan again."""

import json
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

import pytest

from emulator.graph import Tenant
from tests.emulator.graph.conftest import BASE, SCOPE, Caller, Clock

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


async def everything(caller: Caller) -> str:
    response, _ = await caller.send("POST", "alerts/refresh", json=EVERYTHING)
    return response.headers["Location"]


async def test_location_may_be_a_path(tenant: Tenant, caller: Caller, alert_id: str) -> None:
    tenant.location = "relative"

    assert await caller.refresh(alert_id) == f"{BASE}/operations/refresh:{alert_id}"


async def test_location_may_be_missing(tenant: Tenant, caller: Caller, alert_id: str) -> None:
    tenant.location = "missing"
    response, _ = await caller.send("POST", f"alerts/{alert_id}/refresh")

    assert (response.status, "Location" in response.headers) == (202, False)
    assert (await caller.get(f"operations/refresh:{alert_id}"))["status"] == "running"


async def test_the_202_may_ask_to_wait(tenant: Tenant, caller: Caller, alert_id: str) -> None:
    before, _ = await caller.send("POST", f"alerts/{alert_id}/refresh")
    tenant.retry_after = "30"
    after, _ = await caller.send("POST", f"alerts/{alert_id}/refresh")

    assert (before.headers.get("Retry-After"), after.headers.get("Retry-After")) == (None, "30")


@pytest.mark.parametrize(
    ("switch", "leads_to"),
    [("collection", "/alerts"), ("alert", "_InvalidLicenseAlert"), ("empty", "")],
)
async def test_where_a_refresh_of_all_leads(
    tenant: Tenant, caller: Caller, clock: Clock, switch: Any, leads_to: str
) -> None:
    tenant.refresh_all_resource = switch
    url = await everything(caller)
    running = await caller.get(url)
    clock.advance(8)
    over = await caller.get(url)

    assert (running["status"], running["resourceLocation"]) == ("running", "")
    assert over["status"] == "succeeded"
    assert over["resourceLocation"].endswith(leads_to)
    assert bool(over["resourceLocation"]) == bool(leads_to)


async def test_the_collection_a_refresh_of_all_leads_to_needs_its_filter(caller: Caller, clock: Clock) -> None:
    url = await everything(caller)
    clock.advance(8)
    location = (await caller.get(url))["resourceLocation"]

    assert await caller.refusal("GET", location) == (400, "BadRequest")
    assert len((await caller.get(f"{location}?{SCOPE}"))["value"]) == 7


async def test_status_detail_may_be_a_document_with_a_row_for_each_alert(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    """As in the examples of https://learn.microsoft.com/rest/api/authorization/alerts/refresh-all."""
    tenant.status_detail, tenant.not_started_seconds = "json", 4
    every, one = await everything(caller), await caller.refresh(alert_id)
    rows = json.loads((await caller.get(every))["statusDetail"])["result"]
    clock.advance(8)
    later = (await caller.get(one))["statusDetail"]

    assert len(rows) == 7
    assert rows[5] == {"name": "StaleSignInAlert", "statusDetail": "Alert scan is not yet started."}
    assert later == '{"result":[{"name":"StaleSignInAlert","statusDetail":"Alert scan succeeded."}]}'


async def test_a_throttled_refresh_says_how_long_to_wait(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    tenant.throttle_refreshes()
    waits = []
    for seconds in (0, 300.5, 14.4):
        clock.advance(seconds)
        response, body = await caller.send("POST", f"alerts/{alert_id}/refresh")
        waits.append((response.status, body["error"]["code"], response.headers["Retry-After"]))
    everything_too = await caller.refusal("POST", "alerts/refresh", json=EVERYTHING)
    looks, _ = await caller.send("GET", f"alerts/{alert_id}")
    clock.advance(0.1)

    code = "TooManyRequests"
    assert waits == [(429, code, "315"), (429, code, "15"), (429, code, "1")]
    assert (everything_too, looks.status) == ((429, code), 200)
    assert await caller.refresh(alert_id)
