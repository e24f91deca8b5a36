"""Trouble made to order."""

from typing import Any

import aiohttp
import pytest

from emulator.graph import Fault, Tenant, odata_error
from tests.emulator.graph.conftest import STALE, Caller

POLL = "GET .*/operations/"
DENIAL = odata_error("Forbidden", "Not today.")


@pytest.fixture
def path(tenant: Tenant) -> str:
    """Start an operation and return its path."""
    return f"operations/{tenant.start_operation(STALE).id}"


async def test_faults_are_used_up_in_order_and_answer_with_what_they_were_given(
    tenant: Tenant, caller: Caller, path: str
) -> None:
    tenant.faults += [
        Fault(POLL, status=403, json=DENIAL),
        Fault(POLL, status=429, headers={"Retry-After": "0.249"}, times=2),
        Fault(POLL),
        Fault(POLL, status=302, headers={"Location": "https://graph.contoso.com/"}),
    ]
    answers = [await caller.send("GET", path) for _ in range(6)]

    assert [response.status for response, _ in answers] == [403, 429, 429, 200, 302, 200]
    assert answers[0][1] == DENIAL
    assert answers[1][0].headers["Retry-After"] == "0.249"
    assert answers[4][0].headers["Location"] == "https://graph.contoso.com/"
    # An answer that did not come from Graph itself does not look like Graph's.
    assert "request-id" not in answers[1][0].headers


@pytest.mark.parametrize(
    ("drop", "error"),
    [
        ("before headers", aiohttp.ServerDisconnectedError),
        ("after headers", aiohttp.ClientPayloadError),
        ("mid body", aiohttp.ClientPayloadError),
    ],
)
async def test_the_connection_can_break(
    caller: Caller, path: str, drop: Any, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    caller.graph.faults.append(Fault(status=200, json={"id": "x"}, drop=drop))
    with pytest.raises((error, aiohttp.ClientOSError)):
        # A retry by the client would hide the break, so this is no GET.
        await caller.send("POST", path)

    assert (await caller.send("GET", path))[0].status == 200
    assert caplog.records == []


async def test_an_answer_can_be_lost_though_the_request_was_carried_out(tenant: Tenant, caller: Caller) -> None:
    tenant.faults.append(Fault("POST .*/refresh", drop="once handled"))
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await caller.refresh()

    assert (await caller.get(f"operations/refresh:{STALE}"))["status"] == "running"
