"""What a poller sees of one operation."""

from datetime import UTC, datetime

import pytest

from emulator.graph import Tenant
from emulator.graph.timestamps import dotnet
from tests.emulator.graph.conftest import STALE, Caller, Clock


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
