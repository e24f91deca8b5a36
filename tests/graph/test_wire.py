"""What can happen to a connection; each of it is a GraphError that time may mend."""

import asyncio
import socket
from contextlib import closing

import aiohttp
import pytest

from graph.body import BODY_LIMIT
from graph.client import GraphClient
from graph.errors import AnswerUnreadable, GraphError, GraphRefused, GraphUnreachable
from tests.graph.conftest import FakeCredentials, ScriptedGraph, client_of
from tests.support.wire import AIOHTTP, OF_THE_SYSTEM, made, raw_server

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

pytestmark = pytest.mark.usefixtures("credentials")

BROKEN = {
    "no answer": [],
    "half a status line": [b"HTTP/1.1 20"],
    "another protocol": [b"SSH-2.0-OpenSSH_9.9\r\n\r\n"],
    "a status that is no number": [b"HTTP/1.1 abc OK\r\n\r\n"],
    "half a body": [OK + b"Content-Length: 100\r\n\r\n", b"{}"],
    "half the chunks": [CHUNKED + b"2\r\n{}\r\n"],
    "a chunk of no size": [CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n"],
    "a later chunk of no size": [CHUNKED + b"2\r\n{}\r\n", b"zz\r\n"],
    "two lengths": [OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"],
    "a negative length": [OK + b"Content-Length: -2\r\n\r\n{}"],
    "gzip that is none": [OK + b"Content-Encoding: gzip\r\nContent-Length: 10\r\n\r\n0123456789"],
    "a packing nobody asked for": [OK + b"Content-Encoding: br\r\nContent-Length: 10\r\n\r\n0123456789"],
    "a header that never ends": [OK + b"X: " + b"x" * 100_000 + b"\r\n\r\n{}"],
    "too many headers": [OK, *(b"X-%d: 1\r\n" % number for number in range(20_000)), b"\r\n{}"],
}


@pytest.mark.parametrize("written", BROKEN.values(), ids=BROKEN)
async def test_no_whole_answer_is_no_answer(written: list[bytes]) -> None:
    async with raw_server(*written) as base_url, client_of(base_url) as client:
        with pytest.raises(GraphUnreachable) as raised:
            await client.get(f"{base_url}/x", "c-1")
    assert str(raised.value)
    assert "\n" not in str(raised.value)


async def test_a_request_id_that_is_no_utf_8_is_told_as_far_as_it_is() -> None:
    refusal = b"HTTP/1.1 404 Not Found\r\nrequest-id: r-\xff1\r\nContent-Length: 0\r\n\r\n"
    async with raw_server(refusal) as base_url, client_of(base_url) as client:
        with pytest.raises(GraphRefused) as raised:
            await client.get(f"{base_url}/x", "c-1")
    assert raised.value.request_id == "r-?1"


async def test_a_connection_that_is_reset() -> None:
    async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        writer.transport.abort()

    for written in (b"", OK + b"Content-Length: 100\r\n\r\n{"):
        async with raw_server(written, then=reset) as base_url, client_of(base_url) as client:
            with pytest.raises(GraphUnreachable):
                await client.get(f"{base_url}/x", "c-1")


async def test_a_connection_that_is_refused() -> None:
    with closing(socket.socket()) as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{nobody_listens.getsockname()[1]}"
        async with client_of(base_url) as client:
            with pytest.raises(GraphUnreachable, match=r"Cannot connect to host 127\.0\.0\.1"):
                await client.get(f"{base_url}/x", "c-1")


async def test_a_certificate_that_is_none(scripted: ScriptedGraph) -> None:
    base_url = scripted.base_url.replace("http", "https")
    async with client_of(base_url) as client:
        with pytest.raises(GraphUnreachable):
            await client.get(f"{base_url}/x", "c-1")


@pytest.mark.parametrize("written", [b"", OK, OK + b"Content-Length: 2\r\n\r\n{"], ids=["nothing", "half", "body"])
async def test_an_answer_that_takes_too_long(written: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    monkeypatch.setattr("graph.client.TIMEOUT", aiohttp.ClientTimeout(total=0.05))
    async with raw_server(written, then=hang) as base_url, client_of(base_url) as client:
        with pytest.raises(GraphUnreachable, match=r"^no answer in time$"):
            await client.get(f"{base_url}/x", "c-1")


@pytest.mark.parametrize("head", [OK, b"HTTP/1.1 503 Busy\r\n"], ids=["success", "refusal"])
@pytest.mark.parametrize("framing", ["chunked", "until closed"])
async def test_a_body_without_a_length_is_limited_all_the_same(head: bytes, framing: str) -> None:
    piece = b" " * 2**20
    if framing == "chunked":
        head += b"Transfer-Encoding: chunked\r\n"
        piece = b"%x\r\n%s\r\n" % (len(piece), piece)
    pieces = [piece] * (BODY_LIMIT // 2**20 + 2)
    async with raw_server(head + b"\r\n", *pieces) as base_url, client_of(base_url) as client:
        with pytest.raises(AnswerUnreadable, match="larger than"):
            await client.get(f"{base_url}/x", "c-1")


async def test_a_body_without_a_length_is_read_to_its_end() -> None:
    async with raw_server(OK + b'\r\n{"a":', b" 1}") as base_url, client_of(base_url) as client:
        assert (await client.get(f"{base_url}/x", "c-1")).body == {"a": 1}


async def test_a_header_in_no_known_encoding_does_no_harm() -> None:
    head = OK + b"Retry-After: \xff\xfe\r\nDate: \xff\r\nContent-Length: 2\r\n\r\n"
    async with raw_server(head + b"{}") as base_url, client_of(base_url) as client:
        assert (await client.get(f"{base_url}/x", "c-1")).retry_after is None


@pytest.mark.parametrize("status", [b"101 Switching Protocols", b"999 Enhance Your Calm"])
async def test_a_status_that_nobody_expects_is_a_refusal(status: bytes) -> None:
    written = b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n"
    async with raw_server(written) as base_url, client_of(base_url) as client:
        with pytest.raises(GraphRefused, match=status[:3].decode()):
            await client.get(f"{base_url}/x", "c-1")


async def test_no_header_of_a_broken_answer_is_repeated() -> None:
    written = OK + b"Set-Cookie: session=very-private\r\nX-Half"
    async with raw_server(written) as base_url, client_of(base_url) as client:
        with pytest.raises(GraphUnreachable) as raised:
            await client.get(f"{base_url}/x", "c-1")
    assert "private" not in str(raised.value)


@pytest.mark.parametrize("error", [*AIOHTTP, *OF_THE_SYSTEM], ids=lambda error: error.__name__)
async def test_no_error_of_the_session_leaves_as_itself(
    error: type[BaseException], client: GraphClient, scripted: ScriptedGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise made(error)

    monkeypatch.setattr(aiohttp.ClientSession, "request", fail)
    with pytest.raises(GraphError):
        await client.get(f"{scripted.base_url}/x", "c-1")
    with pytest.raises(GraphError):
        await client.post(f"{scripted.base_url}/x", "c-1")


def test_the_list_of_errors_is_not_empty(credentials: FakeCredentials) -> None:
    names = {error.__name__ for error in (*AIOHTTP, *OF_THE_SYSTEM)}
    assert {"ClientConnectorError", "ServerDisconnectedError", "ClientPayloadError", "ConnectionResetError"} <= names
    assert "SSLCertVerificationError" in names
    assert credentials.opened == []
