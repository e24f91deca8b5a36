"""What can happen to a connection; none of it raises, and whatever may pass is worth another attempt."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from callback.client import post
from domain.delivery import CallbackPost
from tests.callback.certificates import contexts
from tests.callback.conftest import HOST, LOOPBACK, PUBLIC, Internet, Receiver, call_back, deliver, sent_to
from tests.support.wire import AIOHTTP, OF_THE_SYSTEM, made, raw_server

OK = b"HTTP/1.1 200 OK\r\n"
TOMORROW = datetime.now(UTC) + timedelta(days=1)
YESTERDAY = datetime.now(UTC) - timedelta(days=1)

BROKEN = {
    "no answer": [],
    "half a status line": [b"HTTP/1.1 20"],
    "half the headers": [OK + b"Content-Le"],
    "another protocol": [b"SSH-2.0-OpenSSH_9.9\r\n\r\n"],
    "a status that is no number": [b"HTTP/1.1 abc OK\r\n\r\n"],
    "a header without a name": [OK + b": x\r\n\r\n"],
    "a header with a blank in its name": [OK + b"A b: c\r\n\r\n"],
    "a header with a zero byte": [OK + b"A: \0\r\n\r\n"],
    "two lengths": [OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"],
    "a negative length": [OK + b"Content-Length: -2\r\n\r\n{}"],
    "a header that never ends": [OK + b"X: " + b"x" * 100_000 + b"\r\n\r\n{}"],
    "too many headers": [OK, *(b"X-%d: 1\r\n" % number for number in range(20_000)), b"\r\n{}"],
}


async def until_closed(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    while await reader.read(65_536):
        pass


@pytest.mark.parametrize("written", BROKEN.values(), ids=BROKEN)
async def test_half_an_answer_is_none(written: list[bytes]) -> None:
    async with raw_server(*written) as base_url:
        attempt = await deliver(base_url)
    assert (attempt["kind"], attempt["retryAfter"]) == ("tryAgain", None)
    assert attempt["detail"].startswith("The receiver gave no answer: ")


@pytest.mark.parametrize("written", [b"", OK[:9], OK])
async def test_a_connection_that_is_reset(written: bytes) -> None:
    async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        writer.transport.abort()

    async with raw_server(written, then=reset) as base_url:
        assert (await deliver(base_url))["kind"] == "tryAgain"


async def test_a_connection_that_is_refused() -> None:
    with closing(socket.socket()) as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        attempt = await deliver(f"http://127.0.0.1:{nobody_listens.getsockname()[1]}")
    assert attempt["kind"] == "tryAgain"
    assert "could not be connected to" in attempt["detail"]
    assert "ConnectionRefusedError" in attempt["detail"]


async def test_an_address_that_cannot_be_reached(internet: Internet) -> None:
    internet.names[HOST] = [PUBLIC, "2603:1030::1"]
    attempt = await call_back()
    assert attempt["kind"] == "tryAgain"
    assert "check the app's outbound network" in attempt["detail"]


@pytest.mark.parametrize("written", [b"", OK, OK + b"A: b\r\n"], ids=["nothing", "a status", "a header"])
async def test_an_answer_that_takes_too_long(written: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callback.client.TIMEOUT", aiohttp.ClientTimeout(total=0.05))
    async with raw_server(written, then=until_closed) as base_url:
        attempt = await deliver(base_url)
    assert attempt["kind"] == "tryAgain"
    assert "none came in time" in attempt["detail"]


@asynccontextmanager
async def unwilling_server(written: bytes) -> AsyncIterator[str]:
    """Answer `written` at once and leave the request in the buffers, so that a large one cannot come to its end."""
    given_up = asyncio.Event()

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(written)
        await given_up.wait()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        given_up.set()


def large_one(base_url: str) -> CallbackPost:
    return {**sent_to(base_url), "body": {"alert": "x" * 2**25}}


async def test_a_receiver_that_takes_nothing_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callback.client.TIMEOUT", aiohttp.ClientTimeout(total=0.2))
    async with unwilling_server(b"") as base_url:
        attempt = await post(large_one(base_url), LOOPBACK)
    assert (attempt["kind"], "none came in time" in attempt["detail"]) == ("tryAgain", True)


@pytest.mark.parametrize(("status", "kind"), [(b"200", "delivered"), (b"413", "refused"), (b"503", "tryAgain")])
async def test_an_answer_before_the_body_was_sent_is_an_answer(status: bytes, kind: str) -> None:
    async with unwilling_server(b"HTTP/1.1 " + status + b" X\r\nContent-Length: 0\r\n\r\n") as base_url:
        attempt = await post(large_one(base_url), LOOPBACK)
    assert (attempt["kind"], f"HTTP {status.decode()}" in attempt["detail"]) == (kind, True)


HALF_READ = {
    "half a body": [OK + b"Content-Length: 100\r\n\r\n", b"{}"],
    "half the chunks": [OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"],
    "a body in no known packing": [OK + b"Content-Encoding: br\r\nContent-Length: 10\r\n\r\n0123456789"],
    "headers in no known encoding": [OK + b"Retry-After: \xff\xfe\r\nDate: \xff\r\nContent-Length: 0\r\n\r\n"],
    "a preliminary answer before": [b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n", OK + b"\r\n"],
}


@pytest.mark.parametrize("written", HALF_READ.values(), ids=HALF_READ)
async def test_the_status_is_the_receipt_whatever_follows(written: list[bytes]) -> None:
    async with raw_server(*written) as base_url:
        assert (await deliver(base_url))["kind"] == "delivered"


@pytest.mark.parametrize("framing", [b"", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 99999999999\r\n"])
async def test_an_answer_without_an_end_is_left_unread(framing: bytes) -> None:
    piece = bytes(2**16)
    if b"chunked" in framing:
        piece = b"%x\r\n%s\r\n" % (len(piece), piece)

    async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(piece)
            await writer.drain()

    async with raw_server(OK + framing + b"\r\n", then=pour) as base_url:
        assert (await deliver(base_url))["kind"] == "delivered"


@asynccontextmanager
async def at_public(internet: Internet, server: ssl.SSLContext | None) -> AsyncIterator[Receiver]:
    async for receiver in Receiver().serve("https", server):
        internet.names[HOST], internet.routes[PUBLIC] = [PUBLIC], receiver.port
        yield receiver


@pytest.mark.parametrize(
    ("named", "until"),
    [
        ("evil.example", TOMORROW),
        ("logic.azure.com", TOMORROW),
        ("*.logic.azure.com", TOMORROW),
        (f"{HOST}.evil.example", TOMORROW),
        (HOST, YESTERDAY),
    ],
)
async def test_a_certificate_of_another_host_or_day(
    internet: Internet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, until: datetime
) -> None:
    of_server, of_app = contexts(named, tmp_path, until)
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", of_app)
    async with at_public(internet, of_server) as receiver:
        attempt = await call_back()
    assert attempt["kind"] == "tryAgain", "a certificate can be renewed"
    assert "its certificate is not trusted, out of date or of another name" in attempt["detail"]
    assert (internet.connected, receiver.requests) == ([PUBLIC], [])


async def test_a_certificate_that_nobody_vouches_for(internet: Internet, tmp_path: Path) -> None:
    async with at_public(internet, contexts(HOST, tmp_path)[0]) as receiver:
        attempt = await call_back()
    assert attempt["kind"] == "tryAgain"
    assert "its certificate is not trusted" in attempt["detail"]
    assert receiver.requests == []


async def test_a_receiver_that_speaks_no_tls(internet: Internet) -> None:
    async with at_public(internet, None) as receiver:
        attempt = await call_back()
    assert attempt["kind"] == "tryAgain"
    assert "TLS could not be agreed on" in attempt["detail"]
    assert receiver.requests == []


async def test_a_task_that_is_cancelled_ends_at_once(receiver: Receiver) -> None:
    arrived = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await until_closed(reader, writer)

    async with raw_server(then=hang) as base_url:
        posting = asyncio.create_task(deliver(base_url))
        await arrived.wait()
        posting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await posting
    assert (await deliver(receiver.base_url))["kind"] == "delivered"


async def test_many_at_once_keep_apart(receiver: Receiver) -> None:
    attempts = await asyncio.gather(*(deliver(receiver.base_url) for _ in range(20)))
    assert {attempt["kind"] for attempt in attempts} == {"delivered"}
    assert len(receiver.requests) == 20


@pytest.mark.parametrize(
    "error", [*AIOHTTP, *OF_THE_SYSTEM, RuntimeError, AssertionError], ids=lambda error: error.__name__
)
async def test_no_error_leaves(error: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise made(error)

    monkeypatch.setattr(aiohttp.ClientSession, "post", fail)
    attempt = await deliver("http://127.0.0.1:9")
    assert (attempt["kind"], attempt["retryAfter"]) == ("tryAgain", None)
    assert attempt["detail"].startswith("The receiver gave no answer: ")
