"""HTTP/1.1 written by hand, for requests that a client library mends or refuses to send."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.parser import BytesParser
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 10.0


@dataclass(frozen=True)
class RawReply:
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)


async def send(
    base_url: str, start: str, headers: Sequence[tuple[str, str | bytes]] = (), body: bytes | None = None
) -> RawReply:
    """Send one request to the server at `base_url`, and return the one answer.

    `start` is method and target. A body gets a Content-Length when none is given.
    """
    fields = [("Host", "127.0.0.1"), ("Connection", "close"), *headers]
    if body is not None and not {"content-length", "transfer-encoding"} & {name.lower() for name, _ in fields}:
        fields.append(("Content-Length", str(len(body))))
    values = [(name, value.encode() if isinstance(value, str) else value) for name, value in fields]
    lines = [f"{start} HTTP/1.1".encode(), *(name.encode() + b": " + value for name, value in values)]
    return await send_bytes(base_url, b"\r\n".join([*lines, b"", body or b""]))


async def send_bytes(base_url: str, request: bytes) -> RawReply:
    """Send the bytes of one request to the server at `base_url`, and return the one answer."""
    url = urlsplit(base_url)
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        try:
            writer.write(request)
            await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")
            status, _, answered = head.partition(b"\r\n")
            named = {name.lower(): value for name, value in BytesParser().parsebytes(answered).items()}
            content = b"" if request.startswith(b"HEAD ") else await _read_content(reader, named)
            return RawReply(int(status.split()[1]), named, content)
        finally:
            writer.close()
            await writer.wait_closed()


async def _read_content(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    content = b""
    while length := int(await reader.readline(), 16):
        content += await reader.readexactly(length)
        await reader.readline()
    return content
