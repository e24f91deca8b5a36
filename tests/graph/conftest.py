"""Graph as a script of answers on loopback, and a credential that gives what the test wants."""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import time
from types import SimpleNamespace
from typing import Any

import aiohttp
import azure.identity.aio
import pytest
from aiohttp import web
from azure.functions.decorators.function_app import FunctionBuilder

from alert_refresh.graph.client import GraphClient
from alert_refresh.graph.tokens import Tokens
from alert_refresh.problems import PREFIX
from alert_refresh.run.observations import Observation
from alert_refresh.settings import settings

OK = b"HTTP/1.1 200 OK\r\n"
BROKEN = {
    "no answer": [],
    "half the headers": [OK + b"Content-Le"],
    "a status that is no number": [b"HTTP/1.1 abc OK\r\n\r\n"],
    "a header with a zero byte": [OK + b"A: \0\r\n\r\n"],
    "a header that never ends": [OK + b"X: " + b"x" * 100_000 + b"\r\n\r\n{}"],
    "too many headers": [OK, *(b"X-%d: 1\r\n" % number for number in range(20_000)), b"\r\n{}"],
}
"""What no client takes for an answer, in the parts in which it is written."""


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class ScriptedServer:
    """Answers with `replies` in turn and with the last one for good; `requests` and `bodies` is what it got."""

    base_url: str = ""
    replies: deque[Reply] = field(default_factory=lambda: deque([Reply()]))
    requests: list[web.BaseRequest] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def answers(self, *replies: Reply) -> None:
        self.replies = deque(replies)

    async def handle(self, request: web.BaseRequest) -> web.Response:
        self.requests.append(request)
        self.bodies.append(await request.read())
        reply = self.replies.popleft() if len(self.replies) > 1 else self.replies[0]
        return web.Response(status=reply.status, body=reply.body, headers=reply.headers)


@asynccontextmanager
async def serve[Server: ScriptedServer](
    server: Server, scheme: str = "http", context: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    runner = web.ServerRunner(web.Server(server.handle, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    server.base_url = f"{scheme}://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


@dataclass
class ScriptedGraph(ScriptedServer):
    revoked: set[str] = field(default_factory=set)
    """Tokens that get a 401 whatever the script says."""

    @property
    def tokens(self) -> list[str]:
        return [request.headers["Authorization"].removeprefix("Bearer ") for request in self.requests]

    async def handle(self, request: web.BaseRequest) -> web.Response:
        answer = await super().handle(request)
        return web.Response(status=401) if self.tokens[-1] in self.revoked else answer


@dataclass
class FakeCredentials:
    """Stands in for the class `DefaultAzureCredential`; the n-th token issued is `secret-n`."""

    opened: list["FakeCredential"] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    asking: int = 0
    most_at_once: int = 0
    issued: int = 0
    lifetime: float = 3600
    failure: Exception | None = None
    token: str | None = None
    """Issued in place of `secret-n`."""

    def __call__(self, **options: Any) -> "FakeCredential":
        self.opened.append(FakeCredential(self, options))
        return self.opened[-1]


@dataclass
class FakeCredential:
    """Keeps its token, as azure-identity does, unless claims are demanded, and gives none once it is closed."""

    every: FakeCredentials
    options: dict[str, Any]
    closed: int = 0
    token: str | None = None

    async def get_token(self, scope: str, **options: Any) -> SimpleNamespace:
        every = self.every
        every.asked.append((scope, options))
        every.asking += 1
        every.most_at_once = max(every.most_at_once, every.asking)
        try:
            await asyncio.sleep(0)
        finally:
            every.asking -= 1
        if every.failure is not None:
            raise every.failure
        if self.closed:
            raise RuntimeError("the credential is closed")
        if self.token is None or "claims" in options:
            every.issued += 1
            self.token = every.token or f"secret-{every.issued}"
        return SimpleNamespace(token=self.token, expires_on=time() + self.every.lifetime)

    async def close(self) -> None:
        await asyncio.sleep(0)
        self.closed += 1


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedGraph]:
    async with serve(ScriptedGraph()) as graph:
        yield graph


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> FakeCredentials:
    every = FakeCredentials()
    monkeypatch.setattr(azure.identity.aio, "DefaultAzureCredential", every)
    return every


@asynccontextmanager
async def client_of(base_url: str) -> AsyncIterator[GraphClient]:
    """Give a client with a session and a credential of its own."""
    tokens = Tokens(base_url, f"{base_url}/.default")
    async with aiohttp.ClientSession() as session:
        yield GraphClient(session, tokens, base_url)
    await tokens.close()


@pytest.fixture
async def client(scripted: ScriptedGraph, credentials: FakeCredentials) -> AsyncIterator[GraphClient]:
    assert not credentials.opened
    async with client_of(scripted.base_url) as opened:
        yield opened


@pytest.fixture
async def app(
    scripted: ScriptedGraph, credentials: FakeCredentials, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ScriptedGraph]:
    """Let the app ask the scripted Graph, with no client yet for the event loop."""
    assert not credentials.opened
    monkeypatch.setenv("GRAPH_BASE_URL", scripted.base_url)
    monkeypatch.setenv("REFRESH_ENABLED", "true")
    opened: dict[Any, Any] = {}
    monkeypatch.setattr("alert_refresh.graph.client._open", opened)
    settings.cache_clear()
    yield scripted
    for _, lifetime in list(opened.values()):
        await lifetime.aclose()
    settings.cache_clear()


def unwrap(builder: FunctionBuilder) -> Callable[[Any], Awaitable[Any]]:
    """Return the function that was made an activity."""
    function: Callable[[Any], Awaitable[Any]] = vars(builder)["_function"].get_user_function()
    return function


def name_fault(observation: Observation) -> str:
    assert observation["kind"] == "fault"
    return observation["problem"]["type"].removeprefix(PREFIX)
