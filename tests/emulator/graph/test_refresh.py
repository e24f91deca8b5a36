"""Making Privileged Identity Management scan again, and what a poller sees of the operation while scans follow."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

import pytest

from emulator.graph import Tenant
from emulator.graph.timestamps import dotnet
from tests.emulator.graph.conftest import BASE, EVERYTHING, SCOPE, STALE, Caller, Clock

LICENSE = STALE.replace("StaleSignIn", "InvalidLicense")


@pytest.mark.parametrize(
    ("switches", "timeline"),
    [
        ({}, "0 refresh; 0 running 41 41; 59 succeeded 41 49; 60 refresh; 60 running 101 101"),
        ({"retention_seconds": 100}, "0 refresh; 107.9 succeeded 41 49; 108 ResourceNotFound"),
        ({"unready_seconds": 2, "stale_seconds": 2}, "0 refresh; 0 ResourceNotFound; 2 running 41 43"),
        ({"second_refresh": "joins"}, "0 refresh; 5 refresh; 7.9 running 41 49; 8 succeeded 41 49"),
        ({"second_refresh": "restarts"}, "0 refresh; 5 refresh; 12.9 running 46 54; 13 succeeded 46 54"),
        ({"rerun_created": "kept"}, "0 refresh; 60 refresh; 68 succeeded 41 109"),
        # The clock of the back end is behind that of the front door.
        ({"skew_seconds": 3}, "0 refresh; 8 succeeded 38 46"),
        # The scan before is shown for a while, and then nothing has happened yet.
        (
            {"stale_seconds": 2, "not_started_seconds": 3, "scan_seconds": 10},
            "0 refresh; 20 refresh; 21.9 succeeded 41 51; 22 notStarted 61 61; 23 running 61 64; 30 succeeded 61 71",
        ),
    ],
)
async def test_every_refresh_of_an_alert_shares_one_operation(
    tenant: Tenant, caller: Caller, clock: Clock, switches: dict[str, Any], timeline: str
) -> None:
    """What stands there after so many seconds: status, and when it was created and acted on last, since 22:50:00."""
    for name, value in switches.items():
        setattr(tenant, name, value)
    begin = clock.now
    operation: dict[str, Any] = {}
    for seconds, _, seen in (moment.partition(" ") for moment in timeline.split("; ")):
        clock.now = begin + timedelta(seconds=float(seconds))
        if seen == "refresh":
            response, _ = await caller.send("POST", f"alerts/{STALE}/refresh")
            assert response.headers["Location"] == caller.graph.operation_url(f"refresh:{STALE}")
            assert parsedate_to_datetime(response.headers["Date"]) == clock.now.replace(microsecond=0)
        else:
            _, operation = await caller.send("GET", f"operations/refresh:{STALE}")
            assert render(operation) == seen
    if operation.get("status") == "succeeded":
        alert = await caller.get(f"alerts/{STALE}")
        assert alert["lastScannedDateTime"] == operation["lastActionDateTime"]


def render(operation: dict[str, Any]) -> str:
    if "error" in operation:
        return str(operation["error"]["code"])
    times = (datetime.fromisoformat(operation[f"{each}DateTime"]) for each in ("created", "lastAction"))
    hour = datetime(2023, 6, 9, 22, 50, tzinfo=UTC)
    return " ".join([operation["status"], *(str(int((time - hour).total_seconds())) for time in times)])


async def test_refreshing_everything_scans_every_alert_under_a_new_id(caller: Caller, clock: Clock) -> None:
    url, other = await caller.refresh_all(), await caller.refresh_all()
    clock.advance(60)
    operation = await caller.get(url)
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
    url = await caller.refresh_all()
    running = await caller.get(url)
    clock.advance(8)
    over = await caller.get(url)

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


async def test_a_refresh_while_one_runs_may_be_a_conflict(tenant: Tenant, caller: Caller, clock: Clock) -> None:
    tenant.second_refresh = "conflict"
    await caller.refresh()

    assert await caller.refusal("POST", f"alerts/{STALE}/refresh") == (409, "Conflict")
    assert await caller.refusal("POST", "alerts/refresh", json=EVERYTHING) == (409, "Conflict")
    await caller.refresh(LICENSE)
    clock.advance(8)
    await caller.refresh_all()
    assert await caller.refusal("POST", f"alerts/{STALE}/refresh") == (409, "Conflict")


async def test_the_documented_sample_runs_and_succeeds(tenant: Tenant, clock: Clock, caller: Caller) -> None:
    """The example pair of https://learn.microsoft.com/graph/api/longrunningoperation-get: same keys, order and form."""
    root = f"{caller.graph.base_url}/beta"
    tenant.start_operation(STALE, duration=327)

    clock.advance(88)
    running = await caller.get(f"operations/refresh:{STALE}")
    clock.advance(600)
    succeeded = await caller.get(f"operations/refresh:{STALE}")

    assert list(running.items()) == [
        ("@odata.context", f"{root}/$metadata#identityGovernance/roleManagementAlerts/operations/$entity"),
        ("id", f"refresh:{STALE}"),
        ("createdDateTime", "2023-06-09T22:50:41.5414466Z"),
        ("lastActionDateTime", "2023-06-09T22:52:09.5414466Z"),
        ("resourceLocation", ""),
        ("status", "running"),
        ("statusDetail", ""),
    ]
    assert list(succeeded) == list(running)
    assert succeeded == running | {
        "lastActionDateTime": "2023-06-09T22:56:08.5414466Z",
        "resourceLocation": f"{root}/identityGovernance/roleManagementAlerts/alerts/{STALE}",
        "status": "succeeded",
    }


async def test_retry_after_comes_until_the_operation_is_over(tenant: Tenant, clock: Clock, caller: Caller) -> None:
    tenant.retry_after = "0.25"
    accepted, _ = await caller.send("POST", f"alerts/{STALE}/refresh")
    running, _ = await caller.send("GET", accepted.headers["Location"])
    clock.advance(10)
    over, _ = await caller.send("GET", accepted.headers["Location"])

    waits = [response.headers.get("Retry-After") for response in (accepted, running, over)]
    assert waits == ["0.25", "0.25", None]


@pytest.mark.parametrize("spelling", ["refresh:", "refresh%3A"])
async def test_the_colon_of_an_id_may_be_escaped(tenant: Tenant, caller: Caller, spelling: str) -> None:
    tenant.start_operation(STALE)
    operation = await caller.get(f"operations/{spelling}{STALE}")

    assert operation["id"] == f"refresh:{STALE}"
    assert caller.graph.requests[-1].target.endswith(spelling + STALE)


@pytest.mark.parametrize(
    ("microsecond", "fraction"), [(0, ""), (250_000, ".25"), (457_000, ".457"), (400_029, ".4000299"), (1, ".0000011")]
)
def test_times_are_printed_as_dotnet_does(microsecond: int, fraction: str) -> None:
    assert dotnet(datetime(2023, 9, 20, 17, 6, 1, microsecond, UTC)) == f"2023-09-20T17:06:01{fraction}Z"
