"""A receiver on loopback, and an internet of a few names and addresses that all end there."""

import asyncio
import json
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import aiohttp.abc
import pytest

from alert_refresh.callback.client import post
from alert_refresh.run.delivery import Attempt, CallbackPost
from tests.callback.certificates import contexts
from tests.graph.conftest import Reply, ScriptedServer, serve

HOST = "prod-00.westeurope.logic.azure.com"
PUBLIC = "20.50.60.70"
SECRET, SESSION = "S3CRET", "session-of-another"
TARGET = f"/workflows/{SECRET}-path/run?api-version=2016-06-01&sp=%2Frun&sv=1.0&sig={SECRET}-sig"
RUN_ID = "ca5bbd26-6bb3-55ab-8a04-8b60eba7c6ab"
RESULT = {"runId": RUN_ID, "alert": {"id": "é\ud800", "isActive": True}, "fresh": None}
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def make_post(url: str) -> CallbackPost:
    return {"url": url, "runId": RUN_ID, "mediaType": "application/json", "body": RESULT, "runUrl": None}


def assert_secret(text: str) -> None:
    for part in (SECRET, "sig=", "/workflows", SESSION):
        assert part not in text


async def send(callback: CallbackPost, allowed_hosts: Sequence[str]) -> Attempt:
    attempt = await post(callback, allowed_hosts)
    assert_secret(json.dumps(attempt))
    return attempt


async def deliver(base_url: str) -> Attempt:
    """POST to the secret target at `base_url`, on loopback."""
    return await send(make_post(base_url + TARGET), LOOPBACK)


async def call_back() -> Attempt:
    """POST to `HOST` as an app with the default setting does."""
    return await send(make_post(f"https://{HOST}:443{TARGET}"), ["*.logic.azure.com"])


@dataclass
class Receiver(ScriptedServer):
    replies: deque[Reply] = field(default_factory=lambda: deque([Reply(202, b"")]))

    @property
    def port(self) -> int:
        return int(self.base_url.rpartition(":")[2])


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with serve(Receiver()) as running:
        yield running


@asynccontextmanager
async def serve_public(internet: "Internet", context: ssl.SSLContext | None) -> AsyncIterator[Receiver]:
    """Serve `HOST` at `PUBLIC`, over TLS if there is a context."""
    async with serve(Receiver(), "https", context) as running:
        internet.names[HOST], internet.routes[PUBLIC] = [PUBLIC], running.port
        yield running


@pytest.fixture
async def logic_app(internet: "Internet", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    """Serve `HOST` with a certificate that the app trusts."""
    of_server, of_app = contexts(HOST, tmp_path)
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", of_app)
    async with serve_public(internet, of_server) as running:
        yield running


@dataclass
class Internet:
    """DNS and routing as the app meets them. Loopback is as always; everything else is in `names` and `routes`."""

    names: dict[str, list[str]] = field(default_factory=dict)
    """Addresses of a name, in the order of the answer."""
    rebound: dict[str, list[str]] = field(default_factory=dict)
    """What a name leads to after it was looked up once."""
    routes: dict[str, int] = field(default_factory=dict)
    """Which port on loopback stands for an address; all the other addresses cannot be reached."""
    asked: list[str] = field(default_factory=list)
    """Names that were looked up."""
    connected: list[str] = field(default_factory=list)
    """Addresses that a connection was tried to."""


@pytest.fixture
async def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    faked, loop = Internet(), asyncio.get_running_loop()
    connect = loop.sock_connect

    class Resolver(aiohttp.abc.AbstractResolver):
        def __init__(self, **_: object) -> None:
            pass

        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[aiohttp.abc.ResolveResult]:
            faked.asked.append(host)
            if host not in faked.names:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            addresses = faked.names[host]
            faked.names |= faked.rebound
            flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
            found = {"hostname": host, "port": port, "family": family, "proto": 0, "flags": flags}
            return [cast("aiohttp.abc.ResolveResult", {**found, "host": address}) for address in addresses]

        async def close(self) -> None:
            pass

    async def sock_connect(made: socket.socket, address: tuple[str, int]) -> None:
        faked.connected.append(address[0])
        if address[0] in faked.routes:
            address = ("127.0.0.1", faked.routes[address[0]])
        elif address[0] not in {"127.0.0.1", "::1"}:
            raise OSError(101, "Network is unreachable")
        await connect(made, address)

    monkeypatch.setattr("aiohttp.connector.DefaultResolver", Resolver)
    monkeypatch.setattr(loop, "sock_connect", sock_connect)
    return faked
