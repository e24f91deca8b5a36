"""The app as its callers and its admins see it: a Functions host of its own, Graph and identity in the test's hands."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.support.host_process import CHECKOUT, HostProcess, host_process
from tests.support.openapi_answers import AnswerValidator
from tests.support.receiver import Receiver
from triggers.get_openapi import read_document

FUNCTION_KEY = "the-function-key"
SYSTEM_KEY = "the-system-key"
MASTER_KEY = "the-master-key"
QUICK = {"POLL_MIN_SECONDS": "1", "POLL_MAX_SECONDS": "1"}
ALLOWED = {"REFRESH_ENABLED": "true", "CALLBACK_ALLOWED_HOSTS": "127.0.0.1"}
SCAN_SECONDS = 1.0
"""A run takes only a scan that ends a second or more after the `Date` of its refresh."""

OVER = {"succeeded", "failed", "timedOut", "cancelled"}
CHECK = AnswerValidator(read_document()).check


@dataclass(frozen=True)
class Reply:
    """An answer of the app. `body` is the JSON, the text of a page, or None."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def problem(self) -> str:
        """The last part of the problem's type."""
        return str(self.body["type"]).rpartition(":")[2]


@dataclass
class App:
    """The running app and a caller with its function key."""

    host: HostProcess
    session: aiohttp.ClientSession

    async def call(self, method: str, path: str, **options: Any) -> Reply:
        """Call `path` (or a whole URL) as the caller; `key=None` leaves the key out.

        An answer of the app itself must be one that openapi.yaml declares.
        """
        key = options.pop("key", FUNCTION_KEY)
        headers = {**({"x-functions-key": key} if key else {}), **options.pop("headers", {})}
        url = path if path.startswith("http") else self.host.base_url + path
        async with self.session.request(method, url, headers=headers, **options) as answer:
            raw = await answer.read()
        if answer.url.path.startswith("/api/"):
            CHECK(method, answer.url.path, answer.status, answer.headers, raw)
        is_page = answer.content_type == "text/html"
        return Reply(answer.status, answer.headers, raw.decode() if is_page else json.loads(raw) if raw else None)

    async def start(self, **request: Any) -> Reply:
        return await self.call("POST", "/api/runs", json=request)

    async def start_once(self, key: str, request: Mapping[str, Any], **headers: str) -> Reply:
        """Start a run under an idempotency key."""
        return await self.call("POST", "/api/runs", json=request, headers={"Idempotency-Key": key, **headers})

    async def result(self, started: Reply, key: str | None = FUNCTION_KEY) -> Reply:
        """Ask for the result until the answer is something other than 202."""
        options: dict[str, Any] = {"key": key, "headers": {"Prefer": "wait=20"}}
        while (reply := await self.call("GET", started.body["links"]["result"], **options)).status == 202:
            pass
        return reply

    async def run(self, **request: Any) -> Reply:
        """Start a run and return its result."""
        return await self.result(await self.start(**request))

    async def document(self, started: Reply) -> dict[str, Any]:
        """Return the run document."""
        return dict((await self.call("GET", started.body["links"]["self"])).body)

    async def poll(self, started: Reply) -> dict[str, Any]:
        """Return the run document once the run has polled, or is over."""
        while not (run := await self.document(started))["polls"] and run["state"] not in OVER:
            pass
        return run

    async def deliver(self, started: Reply, state: str = "delivered") -> dict[str, Any]:
        """Return the run document once the callback is in `state`."""
        while (run := await self.document(started))["callback"]["state"] != state:
            pass
        return run

    async def cancel(self, started: Reply) -> Reply:
        return await self.call("DELETE", started.body["links"]["cancel"])

    async def fire(self, timer: str) -> None:
        """Let the timer trigger run now."""
        assert (await self.call("POST", f"/admin/functions/{timer}", key=MASTER_KEY, json={})).status == 202

    async def instances(self) -> list[dict[str, Any]]:
        """Every durable instance, as an operator with the system key sees them."""
        reply = await self.call("GET", "/runtime/webhooks/durabletask/instances", key=SYSTEM_KEY)
        return list(reply.body)


@asynccontextmanager
async def hosted(
    environment: Mapping[str, str], *, arguments: Sequence[str] = (), **options: Any
) -> AsyncGenerator[App]:
    """Host the app with `environment`; the rest as for `host_process`."""
    keys: Any = {"function_key": FUNCTION_KEY, "system_key": SYSTEM_KEY}
    arguments = ("--master-key", MASTER_KEY, *arguments)
    async with (
        host_process(CHECKOUT, environment=environment, arguments=arguments, **keys, **options) as host,
        aiohttp.ClientSession() as session,
    ):
        yield App(host, session)


def make_settings(graph: GraphServer, identity: IdentityServer, **settings: str) -> dict[str, str]:
    """Return the environment of an app that asks these two, every second; `settings` are more, or others."""
    return {"GRAPH_BASE_URL": graph.base_url, **identity.environment, **QUICK, **settings}


def scan(tenant: Tenant, name: str = "StaleSignInAlert", *, seconds: float = 0.3, outcome: str = "succeeded") -> str:
    """Start a scan and return its operation id."""
    return tenant.start_operation(tenant.alert_id(name), duration=seconds, outcome=outcome).id


@pytest.fixture(scope="session")
async def graph() -> AsyncGenerator[GraphServer]:
    async with GraphServer(Tenant(scan_seconds=SCAN_SECONDS)) as server:
        yield server


@pytest.fixture(scope="module", autouse=True)
async def new_tenant(graph: GraphServer) -> None:
    """Let no file meet the scans and the faults of another: a refresh joins a scan that is under way."""
    reset(graph.tenant)


def reset(tenant: Tenant) -> None:
    # In place, since the server holds this one.
    Tenant.__init__(tenant, scan_seconds=SCAN_SECONDS)


@pytest.fixture(scope="session")
async def identity() -> AsyncGenerator[IdentityServer]:
    async with IdentityServer() as server:
        yield server


@pytest.fixture(scope="session")
async def app(graph: GraphServer, identity: IdentityServer) -> AsyncGenerator[App]:
    """Yield the app with refreshing turned on and callbacks to 127.0.0.1 allowed."""
    async with hosted(make_settings(graph, identity, **ALLOWED)) as running:
        yield running


@pytest.fixture
async def caller() -> AsyncGenerator[Receiver]:
    """Yield somebody who can be called back."""
    async with Receiver().listen() as started:
        yield started


@pytest.fixture
def tenant(graph: GraphServer) -> Tenant:
    """Return the tenant behind the app as new: a test may change it as it likes."""
    reset(graph.tenant)
    return graph.tenant
