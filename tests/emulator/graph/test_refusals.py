"""Being turned away: by query, path, body, method, token, permission and license."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from emulator import tokens
from emulator.graph import Tenant
from tests.emulator.graph.conftest import BASE, SCOPE, STALE, Caller

GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
CODES = {400: "BadRequest", 404: "ResourceNotFound", 405: "UnknownError"}
ALERT = "'microsoft.graph.unifiedRoleManagementAlert"
LACKS = "Parsing OData Select and Expand failed: Could not find a property named"
NEGATIVE = "Invalid value '-1' for $top query option found. The $top query option requires a non-"
NO_FILTER, NO_SCOPE, NO_JSON = "Invalid filter clause", "The only scope is scopeId '/'", "Unable to read JSON"
UNSCOPED, NOT_FOUND = "The filter must hold scopeId eq '/'", "The resource is not found."
DISMISS_ONLY = "Only isActive can be updated, and only to false."

EVERY_CALL = [
    ("GET", "operations/x"),
    ("GET", f"alerts?{SCOPE}"),
    ("GET", "alerts/x"),
    ("GET", "alerts/x/alertIncidents"),
    ("GET", f"alertDefinitions?{SCOPE}"),
    ("GET", f"alertConfigurations?{SCOPE}"),
    ("POST", "alerts/refresh"),
    ("POST", "alerts/x/refresh"),
    ("PATCH", "alerts/x"),
]


async def test_an_error_has_graphs_body_and_headers(caller: Caller) -> None:
    response, body = await caller.send("GET", "alerts/x", headers={"client-request-id": "mine"})

    request_id = response.headers["request-id"]
    assert re.fullmatch(GUID, request_id)
    assert response.headers["Date"] == "Fri, 09 Jun 2023 22:50:41 GMT"
    assert response.headers["client-request-id"] == "mine"
    assert "ServerInfo" in json.loads(response.headers["x-ms-ags-diagnostic"])
    inner = {"date": "2023-06-09T22:50:41", "request-id": request_id, "client-request-id": "mine"}
    assert body == {"error": {"code": "ResourceNotFound", "message": NOT_FOUND, "innerError": inner}}


@pytest.mark.parametrize(
    ("call", "body", "status", "message"),
    [
        (f"GET alerts?{SCOPE}&$select=severity", b"", 400, f"{LACKS} 'severity' on type {ALERT}'."),
        (f"GET alerts?{SCOPE}&$expand=scopeId", b"", 400, f"{LACKS} 'scopeId' on type {ALERT}'."),
        (f"GET alertConfigurations?{SCOPE}&$select=duration", b"", 400, f"{LACKS} 'duration' on type {ALERT}Conf"),
        (f"GET alerts?{SCOPE}&$top=-1", b"", 400, NEGATIVE),
        (f"GET alerts?{SCOPE}&$orderby=id", b"", 400, "The query option '$orderby' is not supported."),
        ("GET alerts", b"", 400, UNSCOPED),
        (f"GET alerts?{SCOPE} or isActive eq true", b"", 400, NO_FILTER),
        (f"GET alerts?{SCOPE} and isActive", b"", 400, NO_FILTER),
        (f"GET alerts?{SCOPE} isActive eq true", b"", 400, NO_FILTER),
        (f"GET {BASE.replace('beta', 'v1.0')}/alerts/x", b"", 400, "Resource not found for the segment 'roleManag"),
        ("GET alarms", b"", 400, "Resource not found for the segment 'alarms'."),
        ("GET alerts/x/incidents", b"", 400, "Resource not found for the segment 'incidents'."),
        ("POST alerts/refresh", b"", 400, NO_JSON),
        ("POST alerts/refresh", b"{", 400, NO_JSON),
        ("POST alerts/refresh", b'{"scopeId": "/"}', 400, NO_SCOPE),
        ("POST alerts/refresh", b'{"scopeId": "/x", "scopeType": "DirectoryRole"}', 400, NO_SCOPE),
        (f"PATCH alerts/{STALE}", b"{}", 400, DISMISS_ONLY),
        (f"PATCH alerts/{STALE}", b'{"isActive": true}', 400, DISMISS_ONLY),
        (f"PATCH alerts/{STALE}", b'{"isActive": false, "incidentCount": 0}', 400, DISMISS_ONLY),
        ("GET operations/x", b"", 404, NOT_FOUND),
        ("GET alerts/x", b"", 404, NOT_FOUND),
        ("GET alerts/x/alertIncidents", b"", 404, NOT_FOUND),
        ("GET alertDefinitions/x", b"", 404, NOT_FOUND),
        ("POST alerts/x/refresh", b"", 404, NOT_FOUND),
        ("PATCH alerts/x", b'{"isActive": false}', 404, NOT_FOUND),
        ("DELETE operations/x", b"", 405, '{"message": "The requested resource does not support http method \'DELETE'),
    ],
)
async def test_a_wrong_request_is_refused(caller: Caller, call: str, body: bytes, status: int, message: str) -> None:
    method, _, path = call.partition(" ")
    response, refusal = await caller.send(method, path, data=body)

    assert (response.status, refusal["error"]["code"]) == (status, CODES[status])
    assert refusal["error"]["message"].startswith(message)
    assert ("Allow" in response.headers) == (status == 405)


def forged(audience: str) -> str:
    claims = {"aud": audience, "exp": datetime.now(UTC).timestamp() + 60, "roles": [tokens.READ_WRITE]}
    return jwt.encode(claims, "another key than the one of the emulator", algorithm="HS256")


UNACCEPTABLE: dict[str, Callable[[Caller], object]] = {
    "Access token is empty.": lambda caller: caller.headers.update(Authorization="Bearer "),
    "IDX14100: JWT is not well formed.": lambda caller: caller.headers.update(Authorization="Bearer garbage"),
    "Lifetime validation failed, the token is expired.": lambda caller: caller.hold(tokens.READ, lifetime=-1),
    "Access token validation failure. Invalid audience.": lambda caller: caller.hold(
        tokens.READ, audience="https://graph.microsoft.com"
    ),
    "Access token validation failure. Invalid signature.": lambda caller: caller.headers.update(
        Authorization=f"Bearer {forged(caller.graph.base_url)}"
    ),
}


@pytest.mark.parametrize("message", UNACCEPTABLE)
async def test_an_unacceptable_token_is_challenged(caller: Caller, message: str) -> None:
    UNACCEPTABLE[message](caller)
    response, body = await caller.send("GET", "operations/x")

    assert (response.status, body["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert body["error"]["message"] == message
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="", authorization_uri="https://login.')


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize(("method", "path"), EVERY_CALL)
async def test_every_call_needs_a_token_its_permission_and_a_license(
    tenant: Tenant, caller: Caller, method: str, path: str, status: Any
) -> None:
    """PIM's back end hides the true code in a JSON string under `UnknownError`."""
    tenant.unlicensed = status
    unlicensed, license_missing = await caller.send(method, path)
    caller.hold("User.Read.All" if method == "GET" else tokens.READ)
    forbidden, permission_missing = await caller.send(method, path)
    caller.headers.clear()

    assert await caller.refusal(method, path) == (401, "InvalidAuthenticationToken")
    assert (unlicensed.status, forbidden.status) == (status, 403)
    assert license_missing["error"]["code"] == permission_missing["error"]["code"] == "UnknownError"
    license_code, license_message = json.loads(license_missing["error"]["message"]).values()
    assert license_code == "AadPremiumLicenseRequired"
    assert "Microsoft Entra ID P2" in license_message
    scopes = f"{tokens.READ},{tokens.READ_WRITE}" if method == "GET" else tokens.READ_WRITE
    assert json.loads(permission_missing["error"]["message"]) == {
        "errorCode": "PermissionScopeNotGranted",
        "message": f"Authorization failed due to missing permission scope {scopes}.",
    }


@pytest.mark.parametrize("slash", ["", "/"])
async def test_reading_takes_the_read_permission_only(caller: Caller, slash: str) -> None:
    caller.hold(tokens.READ, audience=f"{caller.graph.base_url}{slash}")

    assert len((await caller.get(f"alerts?{SCOPE}"))["value"]) == 7


async def test_a_permission_that_is_not_granted_counts_for_nothing_in_the_token(tenant: Tenant, caller: Caller) -> None:
    tenant.granted = [tokens.READ]
    await caller.get(f"alerts/{STALE}")

    assert (await caller.refusal("POST", f"alerts/{STALE}/refresh"))[0] == 403
    tenant.granted = []
    assert (await caller.refusal("GET", f"alerts/{STALE}"))[0] == 403


async def test_health_is_open_and_leaves_no_trace(caller: Caller) -> None:
    caller.headers.clear()
    response, body = await caller.send("GET", "/health")

    assert (response.status, body) == (200, {"status": "healthy"})
    assert caller.graph.requests == []
