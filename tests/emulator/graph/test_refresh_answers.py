"""What a refresh is answered with, and what the operation of a refresh of all looks like."""

import json
from typing import Any

import pytest

from emulator.graph import Tenant
from tests.emulator.graph.conftest import BASE, SCOPE, Caller, Clock

EVERYTHING = {"scopeId": "/", "scopeType": "DirectoryRole"}


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


async def test_a_refresh_of_all_may_not_be_found_at_once(tenant: Tenant, caller: Caller, clock: Clock) -> None:
    tenant.unready_seconds = 2
    url = await everything(caller)
    early = await caller.refusal("GET", url)
    clock.advance(2)

    assert (early, (await caller.get(url))["status"]) == ((404, "ResourceNotFound"), "running")


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


async def test_a_throttled_refresh_may_not_say_so(tenant: Tenant, caller: Caller, alert_id: str) -> None:
    tenant.throttle_tells = False
    tenant.throttle_refreshes(1)
    response, _ = await caller.send("POST", f"alerts/{alert_id}/refresh")

    assert (response.status, "Retry-After" in response.headers) == (429, False)
    assert await caller.refusal("GET", f"operations/refresh:{alert_id}") == (404, "ResourceNotFound")
