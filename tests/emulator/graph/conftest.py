"""A tenant on a clock that only the test moves, its Graph, and a caller of it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from yarl import URL

from emulator import tokens
from emulator.graph import GraphServer, Tenant

BASE = "/beta/identityGovernance/roleManagementAlerts"
SCOPE = "$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'"
EVERYTHING = {"scopeId": "/", "scopeType": "DirectoryRole"}
STALE = "DirectoryRole_19356be4-7e93-4ed6-a7c6-0ae28454d125_StaleSignInAlert"
"""The id of an alert with three incidents."""


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2023, 6, 9, 22, 50, 41, 541446, UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Caller:
    """Calls one Graph, at first with every permission; redirects are not followed."""

    def __init__(self, session: aiohttp.ClientSession, graph: GraphServer) -> None:
        self._session = session
        self.graph = graph
        self.headers: dict[str, str] = {}
        self.hold(tokens.READ_WRITE)

    def hold(self, *roles: str, audience: str = "", lifetime: int = 60) -> None:
        """Call with a token that holds `roles` from now on."""
        token, _ = tokens.issue(audience or self.graph.base_url, roles, lifetime=lifetime)
        self.headers["Authorization"] = f"Bearer {token}"

    async def send(self, method: str, path: str, **options: Any) -> tuple[aiohttp.ClientResponse, Any]:
        """Send to a path below roleManagementAlerts, or to a whole path or URL; return the response and its JSON."""
        url = path if "://" in path else self.graph.base_url + (path if path.startswith("/") else f"{BASE}/{path}")
        target = URL(url, encoded="%" in url)
        headers = self.headers | options.pop("headers", {})
        async with self._session.request(method, target, headers=headers, allow_redirects=False, **options) as response:
            return response, await response.json() if (await response.read()) else None

    async def get(self, path: str) -> Any:
        response, body = await self.send("GET", path)
        assert response.status == 200, body
        return body

    async def refresh(self, alert_id: str = STALE) -> str:
        """Refresh one alert and return the URL of its operation."""
        response, body = await self.send("POST", f"alerts/{alert_id}/refresh")
        assert (response.status, body) == (202, None)
        return response.headers["Location"]

    async def refresh_all(self) -> str:
        response, body = await self.send("POST", "alerts/refresh", json=EVERYTHING)
        assert (response.status, body) == (202, None)
        return response.headers["Location"]

    async def refusal(self, method: str, path: str, **options: Any) -> tuple[int, str]:
        """Return status and code of an answer that is an error."""
        response, body = await self.send(method, path, **options)
        return response.status, body["error"]["code"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tenant(clock: Clock) -> Tenant:
    return Tenant(clock=clock)


@pytest.fixture
async def caller(tenant: Tenant) -> AsyncIterator[Caller]:
    async with GraphServer(tenant) as graph, aiohttp.ClientSession() as session:
        yield Caller(session, graph)
