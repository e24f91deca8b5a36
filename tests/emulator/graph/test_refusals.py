"""A tenant that lets nobody in: for want of a permission, or of a license."""

import json
from typing import Any

import pytest

from emulator import tokens
from emulator.graph import Tenant
from tests.emulator.graph.conftest import SCOPE, Caller

CALLS = [("GET", f"alerts?{SCOPE}"), ("GET", "operations/x"), ("POST", "alerts/x/refresh"), ("PATCH", "alerts/x")]


async def test_a_permission_that_is_not_granted_counts_for_nothing_in_the_token(
    tenant: Tenant, caller: Caller, alert_id: str
) -> None:
    token, _ = tokens.issue(caller.graph.base_url, [tokens.READ, tokens.READ_WRITE])
    caller.headers["Authorization"] = f"Bearer {token}"
    tenant.granted = [tokens.READ]
    await caller.get(f"alerts/{alert_id}")

    assert (await caller.refusal("POST", f"alerts/{alert_id}/refresh"))[0] == 403
    assert (await caller.refusal("PATCH", f"alerts/{alert_id}", json={"isActive": False}))[0] == 403
    tenant.granted = []
    assert (await caller.refusal("GET", f"alerts/{alert_id}"))[0] == 403
    tenant.granted = None
    assert await caller.refresh(alert_id)


async def test_granting_gives_a_token_nothing_that_it_lacks(tenant: Tenant, caller: Caller, alert_id: str) -> None:
    token, _ = tokens.issue(caller.graph.base_url, [tokens.READ])
    caller.headers["Authorization"] = f"Bearer {token}"
    tenant.granted = [tokens.READ, tokens.READ_WRITE]

    assert (await caller.refusal("POST", f"alerts/{alert_id}/refresh"))[0] == 403


async def test_a_refused_write_changes_nothing(tenant: Tenant, caller: Caller, alert_id: str) -> None:
    tenant.granted = [tokens.READ]
    await caller.send("POST", f"alerts/{alert_id}/refresh")
    await caller.send("PATCH", f"alerts/{alert_id}", json={"isActive": False})

    assert await caller.refusal("GET", f"operations/refresh:{alert_id}") == (404, "ResourceNotFound")
    assert (await caller.get(f"alerts/{alert_id}"))["isActive"] is True


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_a_missing_permission_may_be_told_plainly(tenant: Tenant, caller: Caller, method: str, path: str) -> None:
    tenant.granted, tenant.hidden_codes = [], False
    response, body = await caller.send(method, path)

    assert (response.status, body["error"]["code"]) == (403, "PermissionScopeNotGranted")
    assert body["error"]["message"].startswith("Authorization failed due to missing permission scope RoleManagement")


@pytest.mark.parametrize("hidden", [True, False])
@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_a_missing_license_is_told_on_every_call(
    caller: Caller, method: str, path: str, status: Any, *, hidden: bool
) -> None:
    caller.tenant.unlicensed, caller.tenant.hidden_codes = status, hidden
    response, body = await caller.send(method, path)
    code, message = body["error"]["code"], body["error"]["message"]
    if hidden:
        assert code == "UnknownError"
        code, message = json.loads(message).values()

    assert (response.status, code) == (status, "AadPremiumLicenseRequired")
    assert "Microsoft Entra ID P2" in message


async def test_a_license_does_not_let_a_stranger_in(tenant: Tenant, caller: Caller) -> None:
    tenant.unlicensed = 400
    caller.headers.clear()

    assert (await caller.refusal("GET", "operations/x"))[0] == 401
