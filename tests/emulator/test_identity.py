"""A managed identity, as a bare HTTP client sees it; test_commands.py asks as azure-identity does."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from emulator import tokens
from emulator.identity import IdentityServer

GRAPH = "https://graph.microsoft.com"
QUERY = {"api-version": "2019-08-01", "resource": GRAPH}


@pytest.fixture
async def identity() -> AsyncIterator[IdentityServer]:
    async with IdentityServer() as server:
        yield server


async def ask(
    identity: IdentityServer, query: dict[str, str], headers: dict[str, str] | None = None
) -> tuple[int, dict[str, object]]:
    headers = {"X-IDENTITY-HEADER": identity.secret} if headers is None else headers
    async with (
        aiohttp.ClientSession() as session,
        session.get(identity.environment["IDENTITY_ENDPOINT"], params=query, headers=headers) as response,
    ):
        return response.status, await response.json()


@pytest.mark.parametrize(
    "resource",
    [
        *("http://127.0.0.1:7072", "http://[::1]:7072", GRAPH, "https://graph.microsoft.us"),
        *("https://dod-graph.microsoft.us", "https://microsoftgraph.chinacloudapi.cn"),
    ],
)
async def test_loopback_and_the_four_clouds_are_answered_as_in_the_protocol(
    identity: IdentityServer, resource: str
) -> None:
    """https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference."""
    status, answer = await ask(identity, QUERY | {"resource": resource})
    claims = tokens.verify(str(answer.pop("access_token")), audience=resource)

    assert status == 200
    assert answer == {
        "client_id": tokens.CLIENT_ID,
        "expires_on": str(claims["exp"]),
        "resource": resource,
        "token_type": "Bearer",
    }
    assert claims["exp"] - claims["iat"] == 86_400
    assert claims["nbf"] == claims["iat"]
    assert {name: claims[name] for name in ("aud", "appid", "oid", "tid", "roles")} == {
        "aud": resource,
        "appid": tokens.CLIENT_ID,
        "oid": tokens.PRINCIPAL_ID,
        "tid": "19356be4-7e93-4ed6-a7c6-0ae28454d125",
        "roles": ["RoleManagementAlert.Read.Directory", "RoleManagementAlert.ReadWrite.Directory"],
    }


@pytest.mark.parametrize(
    ("query", "headers", "status", "says"),
    [
        (QUERY, {}, 400, "X-IDENTITY-HEADER"),
        (QUERY, {"X-IDENTITY-HEADER": "wrong"}, 401, "X-IDENTITY-HEADER"),
        ({"resource": GRAPH}, None, 400, "api-version"),
        ({"api-version": "2019-08-01"}, None, 400, "resource principal"),
        (QUERY | {"resource": "https://graph.contoso.com"}, None, 400, "https://graph.contoso.com"),
        (QUERY | {"resource": "https://graph.microsoft.com.contoso.com"}, None, 400, "contoso.com"),
        (QUERY | {"client_id": "another"}, None, 400, "No User Assigned or Delegated Managed Identity"),
    ],
)
async def test_a_wrong_request_is_refused(
    identity: IdentityServer, query: dict[str, str], headers: dict[str, str] | None, status: int, says: str
) -> None:
    answered, body = await ask(identity, query, headers)

    assert list(body) == ["statusCode", "message", "correlationId"]
    assert (answered, body["statusCode"]) == (status, status)
    assert says in str(body["message"])
