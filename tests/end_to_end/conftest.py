"""The app as its callers and its admins see it: a Functions host of its own, Graph and identity in the test's hands."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.support.host_process import CHECKOUT, HostProcess, host_process

FUNCTION_KEY = "the-function-key"
SYSTEM_KEY = "the-system-key"
MASTER_KEY = "the-master-key"
QUICK = {"POLL_MIN_SECONDS": "0.1", "POLL_MAX_SECONDS": "0.2"}
OVER = {"succeeded", "failed", "timedOut", "cancelled"}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class App:
    """The running app and a caller with its function key."""

    host: HostProcess
    session: aiohttp.ClientSession

    async def call(self, method: str, path: str, **options: Any) -> Reply:
        """Call `path` (or a whole URL) as the caller; `key=None` leaves the key out."""
        key = options.pop("key", FUNCTION_KEY)
        headers = {**({"x-functions-key": key} if key else {}), **options.pop("headers", {})}
        url = path if path.startswith("http") else self.host.base_url + path
        async with self.session.request(method, url, headers=headers, **options) as answer:
            body = await answer.json(content_type=None) if await answer.read() else None
            return Reply(answer.status, answer.headers, body)

    async def start(self, **question: Any) -> Reply:
        return await self.call("POST", "/api/runs", json=question)

    async def result(self, started: Reply, key: str | None = FUNCTION_KEY) -> Reply:
        """Follow `Location` until it answers something other than 202."""
        while (reply := await self.call("GET", started.headers["Location"], key=key)).status == 202:
            pass
        return reply

    async def fire(self, timer: str) -> None:
        """Let the timer trigger run now."""
        assert (await self.call("POST", f"/admin/functions/{timer}", key=MASTER_KEY, json={})).status == 202

    async def instances(self) -> list[dict[str, Any]]:
        """Every durable instance, as an operator with the system key sees them."""
        reply = await self.call("GET", "/runtime/webhooks/durabletask/instances", key=SYSTEM_KEY)
        return list(reply.body)


@asynccontextmanager
async def hosted(environment: Mapping[str, str], *, clean: bool = True) -> AsyncGenerator[App]:
    """Host the app with `environment`; `clean` as for `host_process`."""
    async with (
        host_process(
            CHECKOUT,
            environment=environment,
            function_key=FUNCTION_KEY,
            system_key=SYSTEM_KEY,
            arguments=("--master-key", MASTER_KEY),
            clean=clean,
        ) as host,
        aiohttp.ClientSession() as session,
    ):
        yield App(host, session)


def scan(tenant: Tenant, name: str = "StaleSignInAlert", *, seconds: float = 0.3, outcome: str = "succeeded") -> str:
    """Start a scan and return its operation id."""
    return tenant.start_operation(tenant.alert_id(name), duration=seconds, outcome=outcome).id


@pytest.fixture(scope="session")
async def graph() -> AsyncGenerator[GraphServer]:
    async with GraphServer(Tenant()) as server:
        yield server


@pytest.fixture(scope="session")
async def identity() -> AsyncGenerator[IdentityServer]:
    async with IdentityServer() as server:
        yield server


@pytest.fixture(scope="session")
async def app(graph: GraphServer, identity: IdentityServer) -> AsyncGenerator[App]:
    async with hosted({"GRAPH_BASE_URL": graph.base_url, **identity.environment, **QUICK}) as running:
        yield running


@pytest.fixture(scope="session")
async def calling_app(graph: GraphServer, identity: IdentityServer) -> AsyncGenerator[App]:
    """Yield the app with callbacks to 127.0.0.1 allowed."""
    allowed = {"CALLBACK_ALLOWED_HOSTS": "127.0.0.1"}
    async with hosted({"GRAPH_BASE_URL": graph.base_url, **identity.environment, **QUICK, **allowed}) as running:
        yield running


@pytest.fixture(scope="session")
async def refreshing_app(graph: GraphServer, identity: IdentityServer) -> AsyncGenerator[App]:
    """Yield the app with refreshing turned on."""
    allowed = {"REFRESH_ENABLED": "true"}
    async with hosted({"GRAPH_BASE_URL": graph.base_url, **identity.environment, **QUICK, **allowed}) as running:
        yield running


@pytest.fixture
def tenant(graph: GraphServer) -> Tenant:
    """Return the tenant behind the app, with nothing wrong and nothing asked yet."""
    graph.tenant.faults.clear()
    graph.tenant.requests.clear()
    return graph.tenant
