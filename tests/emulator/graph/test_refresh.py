"""Making Privileged Identity Management scan again, and what stands under an operation id while scans follow."""

from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

import pytest

from emulator.graph import Tenant
from emulator.graph.timestamps import dotnet
from tests.emulator.graph.conftest import BASE, EVERYTHING, SCOPE, STALE, Caller, Clock

LICENSE = STALE.replace("StaleSignIn", "InvalidLicense")


async def watch(caller: Caller, clock: Clock, url: str, *pauses: float) -> list[dict[str, Any]]:
    """Return what the operation says after each of `pauses`, in seconds."""
    seen = []
    for seconds in pauses:
        clock.advance(seconds)
        seen.append(await caller.get(url))
    return seen


async def test_every_refresh_of_an_alert_shares_one_operation(caller: Caller, clock: Clock) -> None:
    url = await caller.refresh()
    running, over = await watch(caller, clock, url, 0, 60)
    again = await caller.refresh()
    [rerun] = await watch(caller, clock, again, 0)

    assert url == again == caller.graph.operation_url(f"refresh:{STALE}")
    assert [each["status"] for each in (running, over, rerun)] == ["running", "succeeded", "running"]
    assert running["createdDateTime"] == "2023-06-09T22:50:41.5414466Z" < rerun["createdDateTime"]


async def test_refreshing_everything_scans_every_alert_under_a_new_id(caller: Caller, clock: Clock) -> None:
    url, other = await caller.refresh_all(), await caller.refresh_all()
    [operation] = await watch(caller, clock, url, 60)
    alerts = await caller.get(f"{operation['resourceLocation']}?{SCOPE}")

    assert str(UUID(operation["id"])) == operation["id"]
    assert url == caller.graph.operation_url(operation["id"]) != other
    assert {alert["lastScannedDateTime"] for alert in alerts["value"]} == {operation["lastActionDateTime"]}
    assert len(alerts["value"]) == 7


@pytest.mark.parametrize(("form", "location"), [("relative", f"{BASE}/operations/refresh:{STALE}"), ("missing", None)])
async def test_location_may_be_a_path_or_missing(
    tenant: Tenant, caller: Caller, form: Any, location: str | None
) -> None:
    tenant.location = form
    response, _ = await caller.send("POST", f"alerts/{STALE}/refresh")

    assert (response.status, response.headers.get("Location")) == (202, location)
    assert (await caller.get(f"operations/refresh:{STALE}"))["status"] == "running"


@pytest.mark.parametrize(
    ("switch", "leads_to"),
    [("collection", f"{BASE}/alerts"), ("alert", f"{BASE}/alerts/{LICENSE}"), ("empty", "")],
)
async def test_where_a_refresh_of_all_leads(
    tenant: Tenant, caller: Caller, clock: Clock, switch: Any, leads_to: str
) -> None:
    tenant.refresh_all_resource = switch
    running, over = await watch(caller, clock, await caller.refresh_all(), 0, 8)

    assert (running["status"], running["resourceLocation"]) == ("running", "")
    assert over["status"] == "succeeded"
    assert over["resourceLocation"].removeprefix(caller.graph.base_url) == leads_to


async def test_a_throttled_refresh_says_how_long_to_wait(tenant: Tenant, caller: Caller, clock: Clock) -> None:
    tenant.throttle_refreshes()
    waits = []
    for seconds in (0, 300.5, 14.4):
        clock.advance(seconds)
        response, body = await caller.send("POST", f"alerts/{STALE}/refresh")
        waits.append((response.status, body["error"]["code"], response.headers["Retry-After"]))

    code = "TooManyRequests"
    assert waits == [(429, code, "315"), (429, code, "15"), (429, code, "1")]
    assert await caller.refusal("POST", "alerts/refresh", json=EVERYTHING) == (429, code)
    await caller.get(f"alerts/{STALE}")
    clock.advance(0.1)
    await caller.refresh()


async def test_the_scan_before_is_shown_for_a_while(tenant: Tenant, caller: Caller, clock: Clock) -> None:
    before = tenant.start_operation(STALE, duration=100, ago=3600)
    tenant.stale_seconds, tenant.not_started_seconds, tenant.scan_seconds = 2, 3, 10
    begin = clock.now
    seen = await watch(caller, clock, await caller.refresh(), 0, 1.9, 0.1, 1, 6, 1)

    assert [each["status"] for each in seen] == [
        *("succeeded", "succeeded", "notStarted", "running", "running", "succeeded")
    ]
    for stale in seen[:2]:
        assert (stale["createdDateTime"], stale["lastActionDateTime"]) == (dotnet(before.began), dotnet(before.ends_at))
        assert stale["resourceLocation"].endswith(STALE)
    assert {each["createdDateTime"] for each in seen[2:]} == {dotnet(begin)}
    assert seen[2]["lastActionDateTime"] == dotnet(begin), "nothing has happened yet"
    assert seen[-1]["lastActionDateTime"] > seen[0]["lastActionDateTime"]


async def test_the_first_refresh_may_not_be_found_at_once(tenant: Tenant, caller: Caller, clock: Clock) -> None:
    tenant.unready_seconds = tenant.stale_seconds = 2
    url = await caller.refresh()
    assert await caller.refusal("GET", url) == (404, "ResourceNotFound")
    [running] = await watch(caller, clock, url, 2)
    assert running["status"] == "running"


@pytest.mark.parametrize(("switch", "created", "ends_after"), [("joins", ":41", 8), ("restarts", ":46", 13)])
async def test_a_refresh_while_one_runs(
    caller: Caller, clock: Clock, switch: Any, created: str, ends_after: float
) -> None:
    caller.graph.tenant.second_refresh = switch
    url = await caller.refresh()
    clock.advance(5)
    assert await caller.refresh() == url
    running, over = await watch(caller, clock, url, ends_after - 5.1, 0.1)

    assert (running["status"], over["status"]) == ("running", "succeeded")
    assert running["createdDateTime"][16:19] == over["createdDateTime"][16:19] == created
    assert (await caller.get(f"alerts/{STALE}"))["lastScannedDateTime"] == over["lastActionDateTime"]


async def test_a_refresh_while_one_runs_may_be_a_conflict(tenant: Tenant, caller: Caller, clock: Clock) -> None:
    tenant.second_refresh = "conflict"
    await caller.refresh()

    assert await caller.refusal("POST", f"alerts/{STALE}/refresh") == (409, "Conflict")
    assert await caller.refusal("POST", "alerts/refresh", json=EVERYTHING) == (409, "Conflict")
    await caller.refresh(LICENSE)
    clock.advance(8)
    await caller.refresh_all()
    assert await caller.refusal("POST", f"alerts/{STALE}/refresh") == (409, "Conflict")


async def test_a_later_refresh_may_keep_the_time_of_the_first(tenant: Tenant, caller: Caller, clock: Clock) -> None:
    tenant.rerun_created = "kept"
    await caller.refresh()
    clock.advance(60)
    [over] = await watch(caller, clock, await caller.refresh(), 8)

    assert (over["createdDateTime"][11:19], over["lastActionDateTime"][11:19]) == ("22:50:41", "22:51:49")


async def test_the_clock_of_the_back_end_may_be_behind_that_of_the_front_door(
    tenant: Tenant, caller: Caller, clock: Clock
) -> None:
    tenant.skew_seconds = 3
    response, _ = await caller.send("POST", f"alerts/{STALE}/refresh")
    [over] = await watch(caller, clock, response.headers["Location"], 8)

    assert parsedate_to_datetime(response.headers["Date"]).second == 41
    assert (over["createdDateTime"][17:19], over["status"]) == ("38", "succeeded")
    assert (await caller.get(f"alerts/{STALE}"))["lastScannedDateTime"][17:19] == "46"
