"""Being turned away: by query, path, method and permission."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from emulator import tokens
from emulator.graph import Tenant
from tests.emulator.graph.conftest import BASE, SCOPE, Caller

GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
EVERY_READ = [
    "operations/x",
    f"alerts?{SCOPE}",
    "alerts/x",
    "alerts/x/alertIncidents",
    f"alertDefinitions?{SCOPE}",
    f"alertConfigurations?{SCOPE}",
]
EVERY_WRITE = [("POST", "alerts/refresh"), ("POST", "alerts/x/refresh"), ("PATCH", "alerts/x")]


async def test_an_error_has_graphs_body_and_headers(caller: Caller) -> None:
    response, body = await caller.send("GET", "alerts/x", headers={"client-request-id": "mine"})

    request_id = response.headers["request-id"]
    assert re.fullmatch(GUID, request_id)
    assert response.headers["Date"] == "Fri, 09 Jun 2023 22:50:41 GMT"
    assert response.headers["client-request-id"] == "mine"
    assert "ServerInfo" in json.loads(response.headers["x-ms-ags-diagnostic"])
    inner = {"date": "2023-06-09T22:50:41", "request-id": request_id, "client-request-id": "mine"}
    expected = {"code": "ResourceNotFound", "message": "The resource is not found.", "innerError": inner}
    assert body == {"error": expected}


UNKNOWN = "Parsing OData Select and Expand failed: Could not find a property named '{}' on type 'microsoft.graph.{}'."


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        ("alerts", "$select=severity", UNKNOWN.format("severity", "unifiedRoleManagementAlert")),
        ("alerts", "$expand=scopeId", UNKNOWN.format("scopeId", "unifiedRoleManagementAlert")),
        (
            "alertConfigurations",
            "$select=duration",
            UNKNOWN.format("duration", "unifiedRoleManagementAlertConfiguration"),
        ),
        ("alerts", "$top=-1", "Invalid value '-1' for $top query option found. The $top query option requires a non-"),
        ("alerts", "$orderby=id", "The query option '$orderby' is not supported."),
    ],
)
async def test_a_wrong_query_option_is_refused(caller: Caller, path: str, query: str, message: str) -> None:
    response, body = await caller.send("GET", f"{path}?{SCOPE}&{query}")

    assert (response.status, body["error"]["code"]) == (400, "BadRequest")
    assert body["error"]["message"].startswith(message)


@pytest.mark.parametrize(
    "clause", ["or isActive eq true", "and isActive", "and not isActive eq true", "isActive eq true"]
)
async def test_a_filter_that_is_none_is_refused(caller: Caller, clause: str) -> None:
    response, body = await caller.send("GET", f"alerts?{SCOPE} {clause}")

    assert (response.status, body["error"]["message"]) == (400, "Invalid filter clause")


@pytest.mark.parametrize(
    ("path", "segment"),
    [
        ("/v1.0/identityGovernance/roleManagementAlerts/alerts/x", "roleManagementAlerts"),
        (f"{BASE}/alarms", "alarms"),
        (f"{BASE}/alerts/x/incidents", "incidents"),
    ],
)
async def test_an_unknown_path_is_a_bad_request(caller: Caller, path: str, segment: str) -> None:
    response, body = await caller.send("GET", path)

    assert (response.status, body["error"]["code"]) == (400, "BadRequest")
    assert body["error"]["message"] == f"Resource not found for the segment '{segment}'."


@pytest.mark.parametrize(("method", "path"), [("DELETE", "operations/x"), ("POST", "alerts/x"), ("PUT", "alerts")])
async def test_a_wrong_method_is_not_allowed(caller: Caller, method: str, path: str) -> None:
    response, body = await caller.send(method, path)

    assert (response.status, response.headers["Allow"][:3]) == (405, "GET")
    assert method in json.loads(body["error"]["message"])["message"]


@pytest.mark.parametrize("path", ["operations/x", "alerts/x", "alerts/x/alertIncidents", "alertDefinitions/x"])
async def test_an_unknown_id_is_not_found(caller: Caller, path: str) -> None:
    response, body = await caller.send("GET", path)

    assert (response.status, body["error"]["code"]) == (404, "ResourceNotFound")


def forged(audience: str) -> str:
    claims = {"aud": audience, "exp": datetime.now(UTC).timestamp() + 60, "roles": [tokens.READ_WRITE]}
    return jwt.encode(claims, "another key than the one of the emulator", algorithm="HS256")


UNACCEPTABLE: dict[str, Callable[[str], str]] = {
    "Access token is empty.": lambda _: "Bearer ",
    "IDX14100: JWT is not well formed.": lambda _: "Bearer garbage",
    "Lifetime validation failed, the token is expired.": lambda base: (
        f"Bearer {tokens.issue(base, [tokens.READ], lifetime=-1)[0]}"
    ),
    "Access token validation failure. Invalid audience.": lambda _: (
        f"Bearer {tokens.issue('https://graph.microsoft.com', [tokens.READ])[0]}"
    ),
    "Access token validation failure. Invalid signature.": lambda base: f"Bearer {forged(base)}",
}


@pytest.mark.parametrize("message", UNACCEPTABLE)
async def test_an_unacceptable_token_is_challenged(caller: Caller, message: str) -> None:
    caller.headers["Authorization"] = UNACCEPTABLE[message](caller.graph.base_url)
    response, body = await caller.send("GET", "operations/x")

    assert (response.status, body["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert body["error"]["message"] == message
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="", authorization_uri="https://login.')


@pytest.mark.parametrize(
    ("method", "path"), [*(("GET", path) for path in EVERY_READ), *EVERY_WRITE, ("GET", "/beta/me")]
)
async def test_every_call_needs_a_token(caller: Caller, method: str, path: str) -> None:
    caller.headers.clear()
    response, _ = await caller.send(method, path)

    assert response.status == 401


@pytest.mark.parametrize(
    ("method", "path", "role", "missing"),
    [
        *(("GET", path, "User.Read.All", f"{tokens.READ},{tokens.READ_WRITE}") for path in EVERY_READ),
        *((method, path, tokens.READ, tokens.READ_WRITE) for method, path in EVERY_WRITE),
    ],
)
async def test_a_call_without_the_permission_is_forbidden(
    caller: Caller, method: str, path: str, role: str, missing: str
) -> None:
    """PIM's back end hides the true code in a JSON string under `UnknownError`."""
    token, _ = tokens.issue(caller.graph.base_url, [role])
    caller.headers["Authorization"] = f"Bearer {token}"
    response, body = await caller.send(method, path)

    assert (response.status, body["error"]["code"]) == (403, "UnknownError")
    assert json.loads(body["error"]["message"]) == {
        "errorCode": "PermissionScopeNotGranted",
        "message": f"Authorization failed due to missing permission scope {missing}.",
    }


@pytest.mark.parametrize("audience", ["{base}", "{base}/"])
async def test_reading_takes_the_read_permission_only(caller: Caller, audience: str) -> None:
    token, _ = tokens.issue(audience.format(base=caller.graph.base_url), [tokens.READ])
    caller.headers["Authorization"] = f"Bearer {token}"

    assert len((await caller.get(f"alerts?{SCOPE}"))["value"]) == 7


async def test_health_is_open_and_leaves_no_trace(caller: Caller) -> None:
    caller.headers.clear()
    response, body = await caller.send("GET", "/health")

    assert (response.status, body) == (200, {"status": "healthy"})
    assert caller.graph.requests == []


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
