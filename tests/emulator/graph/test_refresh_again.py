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


async def test_a_scan_may_be_over_before_it_is_shown(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    tenant.start_operation(alert_id, duration=0, outcome="failed", ago=HOUR)
    tenant.stale_seconds, tenant.scan_seconds = 10, 1

    seen = await told(caller, clock, await caller.refresh(alert_id), 5, 5)
    assert [each["status"] for each in seen] == ["failed", "succeeded"]


async def test_a_third_refresh_hides_neither_of_the_two_before(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    first = tenant.start_operation(alert_id, duration=0, ago=HOUR)
    tenant.stale_seconds, tenant.scan_seconds = 10, 1
    await caller.refresh(alert_id)
    second = clock.now
    clock.advance(5)
    url = await caller.refresh(alert_id)
    third = clock.now

    seen = await told(caller, clock, url, 0, 5, 5)
    assert [each["createdDateTime"] for each in seen] == [dotnet(first.began), dotnet(second), dotnet(third)]


async def test_the_first_refresh_may_not_be_found_at_once(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    tenant.unready_seconds = tenant.stale_seconds = 2
    url = await caller.refresh(alert_id)
    early = await caller.refusal("GET", url)
    clock.advance(2)

    assert early == (404, "ResourceNotFound")
    assert (await caller.get(url))["status"] == "running"


async def test_a_refresh_with_one_before_it_is_found_at_once(tenant: Tenant, caller: Caller, alert_id: str) -> None:
    tenant.start_operation(alert_id, duration=0, ago=HOUR)
    tenant.unready_seconds = 2

    assert (await caller.get(await caller.refresh(alert_id)))["status"] == "running"


async def test_a_tenant_may_have_been_refreshed_yesterday(clock: Clock, tenant: Tenant, alert_id: str) -> None:
    yesterday = Tenant(clock=clock, previous_scans=True)
    operation = yesterday.operation(f"refresh:{alert_id}", "")

    assert (operation["status"], operation["createdDateTime"]) == ("succeeded", "2023-06-08T22:50:41.5414466Z")
    assert yesterday.alert(alert_id).document() == tenant.alert(alert_id).document()


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


async def test_a_scan_that_was_broken_off_leaves_no_trace(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    before = await caller.get(f"alerts/{alert_id}")
    tenant.second_refresh = "restarts"
    await caller.refresh(alert_id)
    clock.advance(5)
    await caller.refresh(alert_id)
    clock.advance(5)

    assert await caller.get(f"alerts/{alert_id}") == before


async def test_a_restart_goes_on_showing_what_was_shown(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    """Neither back to an older scan, nor ahead of time to the new one."""
    before = tenant.start_operation(alert_id, duration=0, ago=HOUR)
    tenant.second_refresh, tenant.stale_seconds = "restarts", 4
    await caller.refresh(alert_id)
    clock.advance(2)
    url = await caller.refresh(alert_id)
    stale, new = await told(caller, clock, url, 1, 1)
    await caller.refresh(alert_id)
    [newest] = await told(caller, clock, url, 0)

    assert stale["createdDateTime"] == dotnet(before.began)
    assert [each["createdDateTime"][17:19] for each in (new, newest)] == ["43", "45"]


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


async def test_a_scan_that_is_kept_no_more_is_not_shown_after_a_refresh(
    tenant: Tenant, caller: Caller, clock: Clock, alert_id: str
) -> None:
    tenant.retention_seconds, tenant.stale_seconds, tenant.unready_seconds = 100, 5, 2
    tenant.rerun_created = "kept"
    await caller.refresh(alert_id)
    clock.advance(200)
    url = await caller.refresh(alert_id)
    early = await caller.refusal("GET", url)
    [found] = await told(caller, clock, url, 2)

    assert early == (404, "ResourceNotFound")
    assert (found["status"], found["createdDateTime"][11:19]) == ("running", "22:54:01")


async def test_an_operation_served_as_given_gives_way_to_a_refresh(
    tenant: Tenant, caller: Caller, alert_id: str
) -> None:
    tenant.put_operation({"id": f"refresh:{alert_id}", "status": "Paused"})

    assert (await caller.get(await caller.refresh(alert_id)))["status"] == "running"
