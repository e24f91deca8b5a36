"""Trouble made to order, and the record of what came in."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from emulator.graph import Fault, GraphServer, ReceivedRequest, Tenant, wrapped_error
from tests.emulator.graph.conftest import Caller, Clock

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


async def test_a_fault_can_be_html_from_a_gateway(tenant: Tenant, caller: Caller, path: str) -> None:
    tenant.faults.append(Fault(POLL, status=502, headers={"Content-Type": "text/html"}, body=b"<h1>Bad Gateway</h1>"))
    async with aiohttp.ClientSession() as session, session.get(caller.graph.base_url + f"/x/{path}") as response:
        assert (response.status, response.content_type) == (502, "text/html")
        assert await response.text() == "<h1>Bad Gateway</h1>"


async def test_a_fault_takes_only_what_it_matches(tenant: Tenant, caller: Caller, path: str) -> None:
    tenant.faults += [
        Fault("POST ", status=500, times=None),
        Fault(lambda request: "X-Unlucky" in request.headers, status=418, times=None),
    ]
    lucky, _ = await caller.send("GET", path)
    unlucky = [(await caller.send("GET", path, headers={"X-Unlucky": "1"}))[0].status for _ in range(3)]

    assert (lucky.status, unlucky) == (200, [418, 418, 418])


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


@pytest.mark.parametrize(
    "answer", [{"headers": {"Retry-After": "1"}}, {"body": b"x"}, {"json": {}}, {"drop": "mid body"}]
)
def test_an_answer_without_a_status_is_a_mistake(answer: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="needs a status"):
        Fault(**answer)


async def test_half_a_body_is_what_arrives(tenant: Tenant, caller: Caller) -> None:
    tenant.faults.append(Fault(status=200, body=b'{"id": "0123456789"}', drop="mid body"))
    async with aiohttp.ClientSession() as session, session.get(caller.graph.base_url) as response:
        assert response.status == 200
        assert await response.content.readany() == b'{"id": "01'


async def test_a_body_can_be_too_large_to_be_true(tenant: Tenant, caller: Caller, path: str) -> None:
    tenant.faults.append(Fault(POLL, status=200, body=b" " * 5_000_000 + b"{}"))
    response, _ = await caller.send("GET", path)

    assert response.content_length == 5_000_002


async def test_an_answer_can_be_late(tenant: Tenant, caller: Caller, path: str) -> None:
    tenant.faults.append(Fault(POLL, delay=0.05))
    began = time.monotonic()
    late, _ = await caller.send("GET", path)

    assert late.status == 200
    assert time.monotonic() - began >= 0.05


async def test_what_was_received_is_on_record(tenant: Tenant, caller: Caller, clock: Clock, path: str) -> None:
    await caller.send("GET", f"{path}?$select=id")
    caller.headers.clear()
    clock.advance(1)
    await caller.send("POST", "/beta/%24batch")
    first, second = tenant.requests

    assert (first.method, first.target) == ("GET", f"/beta/identityGovernance/roleManagementAlerts/{path}?$select=id")
    assert first.headers["authorization"].startswith("Bearer ")
    assert "Authorization" not in second.headers
    assert (str(second), (second.time - first.time).seconds) == ("POST /beta/%24batch", 1)


async def test_shutdown_waits_for_nobody(tenant: Tenant) -> None:
    """Neither an idle connection nor an answer under way may hold the server."""
    arrived = asyncio.Event()

    def arrival(_: ReceivedRequest) -> bool:
        arrived.set()
        return True

    tenant.faults.append(Fault(arrival, delay=600))
    async with aiohttp.ClientSession() as session:
        async with GraphServer(tenant) as graph:
            await (await session.get(f"{graph.base_url}/health")).read()
            slow = asyncio.create_task(session.get(f"{graph.base_url}/slow"))
            await arrived.wait()
            began = time.monotonic()
        assert time.monotonic() - began < 1
        with pytest.raises(aiohttp.ClientConnectionError):
            await slow
