"""Trouble made to order, and the record of what came in."""

from typing import Any

import aiohttp
import pytest

from emulator.graph import Fault, Tenant, wrapped_error
from tests.emulator.graph.conftest import Caller

POLL = "GET .*/operations/"


@pytest.fixture
def path(tenant: Tenant) -> str:
    """Start an operation and return its path."""
    return f"operations/{tenant.start_operation(tenant.alert_id('StaleSignInAlert')).id}"


async def statuses(caller: Caller, path: str, count: int) -> list[int]:
    return [(await caller.send("GET", path))[0].status for _ in range(count)]


async def test_faults_are_used_up_in_order(tenant: Tenant, caller: Caller, path: str) -> None:
    tenant.faults += [
        Fault(POLL, status=401),
        Fault(POLL, status=429, headers={"Retry-After": "0.249"}, times=2),
        Fault(POLL),
        Fault(POLL, status=503),
    ]

    assert await statuses(caller, path, 6) == [401, 429, 429, 200, 503, 200]


async def test_a_fault_answers_with_what_it_was_given(tenant: Tenant, caller: Caller, path: str) -> None:
    denial = wrapped_error("PermissionScopeNotGranted", "Authorization failed due to missing permission scope X.")
    tenant.faults += [
        Fault(POLL, status=429, headers={"Retry-After": "0.249"}),
        Fault(POLL, status=403, json=denial),
        Fault(POLL, status=302, headers={"Location": "https://graph.contoso.com/"}),
    ]
    throttled, _ = await caller.send("GET", path)
    forbidden, body = await caller.send("GET", path)
    redirect, _ = await caller.send("GET", path)

    assert (throttled.status, throttled.headers["Retry-After"]) == (429, "0.249")
    assert (forbidden.status, body) == (403, denial)
    assert (redirect.status, redirect.headers["Location"]) == (302, "https://graph.contoso.com/")
    # An answer that did not come from Graph itself does not look like Graph's.
    assert "request-id" not in throttled.headers


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"drop": "before headers"}, aiohttp.ServerDisconnectedError),
        ({"status": 200, "drop": "after headers"}, aiohttp.ClientPayloadError),
        ({"status": 200, "body": b'{"id": "x"}', "drop": "mid body"}, aiohttp.ClientPayloadError),
        ({"status": 200, "json": {"id": "x"}, "drop": "mid body"}, aiohttp.ClientPayloadError),
    ],
)
async def test_the_connection_can_break(
    caller: Caller, path: str, fault: dict[str, Any], error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    caller.graph.faults.append(Fault(**fault))
    with pytest.raises((error, aiohttp.ClientOSError)):
        # A retry by the client would hide the break, so this is no GET.
        await caller.send("POST", path)

    assert (await caller.send("GET", path))[0].status == 200
    assert caplog.records == []


async def test_an_answer_can_be_lost_though_the_request_was_carried_out(
    tenant: Tenant, caller: Caller, alert_id: str
) -> None:
    tenant.faults.append(Fault("POST .*/refresh", drop="once handled"))
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await caller.refresh(alert_id)

    assert (await caller.get(f"operations/refresh:{alert_id}"))["status"] == "running"
