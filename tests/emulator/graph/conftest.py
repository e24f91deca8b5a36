"""A tenant on a clock that only the test moves, its Graph, and callers of it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from yarl import URL

from emulator import tokens
from emulator.graph import GraphServer, Tenant

BASE = "/beta/identityGovernance/roleManagementAlerts"
SCOPE = "$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2023, 6, 9, 22, 50, 41, 541446, UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Caller:
    """Calls one Graph with one Authorization header; redirects are not followed."""

    def __init__(self, session: aiohttp.ClientSession, graph: GraphServer, authorization: str | None) -> None:
        self._session = session
        self.graph = graph
        self.tenant = graph.tenant
        self.headers = {} if authorization is None else {"Authorization": authorization}

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

    async def refresh(self, alert_id: str) -> str:
        """Refresh one alert and return the URL of its operation."""
        response, body = await self.send("POST", f"alerts/{alert_id}/refresh")
        assert response.status == 202, body
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
def alert_id(tenant: Tenant) -> str:
    """Return the id of an alert with three incidents."""
    return tenant.alert_id("StaleSignInAlert")


@pytest.fixture
async def graph(tenant: Tenant) -> AsyncIterator[GraphServer]:
    async with GraphServer(tenant) as server:
        yield server


@pytest.fixture
async def caller(graph: GraphServer) -> AsyncIterator[Caller]:
    """Call Graph with every permission."""
    token, _ = tokens.issue(graph.base_url, [tokens.READ_WRITE])
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Caller(session, graph, f"Bearer {token}")
