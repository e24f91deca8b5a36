"""What a network does to a client: answers to the byte, and every error that aiohttp and the system know."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import client_exceptions
from aiohttp.client_reqrep import ConnectionKey
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL


@asynccontextmanager
async def raw_server(
    *written: bytes, then: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any] | None = None
) -> AsyncIterator[str]:
    """Answer every request with `written`, byte for byte, do `then`, and close the connection."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            for part in written:
                writer.write(part)
                await writer.drain()
            if then is not None:
                await then(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def every_subclass(root: type[BaseException]) -> set[type[BaseException]]:
    return {root}.union(*(every_subclass(child) for child in root.__subclasses__()))


AIOHTTP = sorted(
    (
        error
        for error in vars(client_exceptions).values()
        if isinstance(error, type) and issubclass(error, (aiohttp.ClientError, TimeoutError))
    ),
    key=lambda error: error.__name__,
)
OF_THE_SYSTEM = sorted(
    (error for error in every_subclass(OSError) if error.__module__ in {"builtins", "ssl", "socket"}),
    key=lambda error: error.__name__,
)


KEY = ConnectionKey("graph.example", 443, True, True, None, None, None)  # noqa: FBT003 - aiohttp's own named tuple
INFO = aiohttp.RequestInfo(URL("https://graph.example/x"), "GET", CIMultiDictProxy(CIMultiDict()))


def made(error: type[BaseException]) -> BaseException:
    """Return an `error` as its raiser makes it."""
    arguments: Mapping[type[BaseException], tuple[Any, ...]] = {
        client_exceptions.UnixClientConnectorError: ("/socket", KEY, OSError(111, "refused")),
        aiohttp.ClientConnectorError: (KEY, OSError(111, "refused")),
        aiohttp.ClientConnectorCertificateError: (KEY, ssl.SSLCertVerificationError(1, "self-signed")),
        aiohttp.ClientResponseError: (INFO, ()),
        aiohttp.ServerFingerprintMismatch: (b"a", b"b", "graph.example", 443),
        aiohttp.InvalidURL: ("https://",),
    }
    return error(*next((given for kind, given in arguments.items() if issubclass(error, kind)), ("it broke",)))
