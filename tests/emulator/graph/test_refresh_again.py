"""One operation id for every refresh of an alert: what stands there while one follows the other."""

from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from emulator.graph import Tenant
from emulator.graph.timestamps import dotnet
from tests.emulator.graph.conftest import Caller, Clock

HOUR = 3600.0


async def told(caller: Caller, clock: Clock, url: str, *pauses: float) -> list[dict[str, Any]]:
    """Return what the operation says after each of `pauses`, in seconds."""
    seen = []
    for seconds in pauses:
        clock.advance(seconds)
        seen.append(await caller.get(url))
    return seen


async def test_the_scan_before_is_shown_for_a_while(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    before = tenant.start_operation(alert_id, duration=100, ago=HOUR)
    tenant.stale_seconds, tenant.not_started_seconds, tenant.scan_seconds = 2, 3, 10
    asked = clock.now
    seen = await told(caller, clock, await caller.refresh(alert_id), 0, 1.9, 0.1, 1, 6)
    [over] = await told(caller, clock, caller.graph.operation_url(f"refresh:{alert_id}"), 1)

    assert [each["status"] for each in (*seen, over)] == [
        *("succeeded", "succeeded", "notStarted", "running", "running", "succeeded")
    ]
    for stale in seen[:2]:
        assert stale["createdDateTime"] == dotnet(before.began)
        assert stale["lastActionDateTime"] == dotnet(before.ends_at)
        assert stale["resourceLocation"].endswith(alert_id)
    assert {each["createdDateTime"] for each in (*seen[2:], over)} == {dotnet(asked)}
    assert over["lastActionDateTime"] > seen[0]["lastActionDateTime"]


async def test_the_first_refresh_may_not_be_found_at_once(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    tenant.unready_seconds = tenant.stale_seconds = 2
    url = await caller.refresh(alert_id)
    early = await caller.refusal("GET", url)
    clock.advance(2)

    assert early == (404, "ResourceNotFound")
    assert (await caller.get(url))["status"] == "running"


@pytest.mark.parametrize(("switch", "created", "ends_after"), [("joins", ":41", 8), ("restarts", ":46", 13)])
async def test_a_refresh_while_one_runs(
    caller: Caller, clock: Clock, switch: Any, created: str, ends_after: float
) -> None:
    caller.tenant.second_refresh = switch
    alert_id = caller.tenant.alert_id("StaleSignInAlert")
    url = await caller.refresh(alert_id)
    clock.advance(5)
    again = await caller.refresh(alert_id)
    running, over = await told(caller, clock, url, ends_after - 5.1, 0.1)

    assert url == again
    assert (running["status"], over["status"]) == ("running", "succeeded")
    assert running["createdDateTime"][16:19] == over["createdDateTime"][16:19] == created
    assert (await caller.get(f"alerts/{alert_id}"))["lastScannedDateTime"] == over["lastActionDateTime"]


async def test_a_refresh_while_one_runs_may_be_a_conflict(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    tenant.second_refresh = "conflict"
    other = tenant.alert_id("InvalidLicenseAlert")
    await caller.refresh(alert_id)

    assert await caller.refusal("POST", f"alerts/{alert_id}/refresh") == (409, "Conflict")
    scope = {"scopeId": "/", "scopeType": "DirectoryRole"}
    assert await caller.refusal("POST", "alerts/refresh", json=scope) == (409, "Conflict")
    await caller.refresh(other)
    clock.advance(8)
    await caller.send("POST", "alerts/refresh", json=scope)
    assert await caller.refusal("POST", f"alerts/{alert_id}/refresh") == (409, "Conflict")


@pytest.mark.parametrize(("switch", "created"), [("reset", "22:51:41"), ("kept", "22:50:41")])
async def test_created_of_a_later_refresh(
    caller: Caller, clock: Clock, alert_id: str, switch: Any, created: str
) -> None:
    caller.tenant.rerun_created = switch
    await caller.refresh(alert_id)
    clock.advance(60)
    [over] = await told(caller, clock, await caller.refresh(alert_id), 8)

    assert over["createdDateTime"][11:19] == created
    assert over["lastActionDateTime"][11:19] == "22:51:49"


async def test_the_clock_of_the_back_end_may_be_behind_that_of_the_front_door(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    tenant.skew_seconds = 3
    response, _ = await caller.send("POST", f"alerts/{alert_id}/refresh")
    [over] = await told(caller, clock, response.headers["Location"], 8)

    assert parsedate_to_datetime(response.headers["Date"]).second == 41
    assert (over["createdDateTime"][17:19], over["status"]) == ("38", "succeeded")
    assert (await caller.get(f"alerts/{alert_id}"))["lastScannedDateTime"][17:19] == "46"


@pytest.mark.parametrize(("status", "code"), [(404, "ResourceNotFound"), (410, "Gone")])
async def test_an_operation_is_kept_for_so_long(
    caller: Caller, clock: Clock, alert_id: str, status: Any, code: str
) -> None:
    caller.tenant.retention_seconds, caller.tenant.gone_status = 100, status
    url = await caller.refresh(alert_id)
    [kept] = await told(caller, clock, url, 107.9)
    clock.advance(0.1)

    assert kept["status"] == "succeeded"
    assert await caller.refusal("GET", url) == (status, code)
