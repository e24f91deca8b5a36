"""Microsoft Graph as a script on loopback: each route has its answers, to the byte, on a clock that the test sets."""

import asyncio
import re
import socket
import ssl
import struct
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.utils import format_datetime
from typing import Literal

type Route = Literal["refresh", "poll", "incidents", "fetch", "list", "unknown"]

FILTER = re.escape("$filter=scopeId%20eq%20'/'%20and%20scopeType%20eq%20'DirectoryRole'")
"""Graph lists no alerts without it."""
ROUTES: Mapping[str, Route] = {
    r"POST /beta/identityGovernance/roleManagementAlerts/alerts(/[^/?]+)?/refresh": "refresh",
    r"GET /beta/identityGovernance/roleManagementAlerts/operations/[^/?]+": "poll",
    r"GET /beta/identityGovernance/roleManagementAlerts/alerts/[^/?]+/alertIncidents(\?.*)?": "incidents",
    r"GET /beta/identityGovernance/roleManagementAlerts/alerts/[^/?]+(\?.*)?": "fetch",
    r"GET /beta/identityGovernance/roleManagementAlerts/alerts\?(.*&)?" + FILTER + "(&.*)?": "list",
}
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of no time: the connection ends in an RST and not in a FIN."""


@dataclass(frozen=True)
class Answer:
    """What one request gets. The clock writes `Date`."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0
    """Seconds that its Retry-After comes to."""
    breaks: Literal["", "reset before headers", "reset after headers", "half the body", "no headers", "no end"] = ""
    """Where the connection breaks, or stays open without another byte until the caller gives up."""

    def encode(self, date: datetime, names: Mapping[str, str]) -> tuple[bytes, bytes]:
        """Return the bytes of the head and those of the body, with other `names` for hosts and origins in both."""
        headers, body = "".join(f"{name}: {text}\r\n" for name, text in self.headers.items()), self.body
        for name, other in names.items():
            headers, body = headers.replace(name, other), body.replace(name.encode(), other.encode())
        if self.status not in {204, 304}:
            headers += f"Content-Length: {len(body)}\r\n"
        first = f"HTTP/1.1 {self.status} {self.status}\r\nDate: {format_datetime(date, usegmt=True)}\r\n"
        return f"{first}Connection: close\r\n{headers}\r\n".encode(), body


UNKNOWN = Answer(404, b'{"error": {"code": "ResourceNotFound", "message": "There is no such resource."}}')


@dataclass(frozen=True)
class Call:
    """One request, and what it got."""

    at: datetime
    route: Route
    method: str
    target: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    answer: Answer

    @property
    def token(self) -> str | None:
        return self.headers.get("authorization")


@dataclass
class ScriptedGraph:
    """Answers each route with its part of `script` in turn, and with the last one for good; else with a 404."""

    script: Mapping[Route, Sequence[Answer]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Origins in the script, and what stands for them on loopback."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    skew: timedelta = timedelta(0)
    """By how much `Date` is ahead of the clock."""
    tls: ssl.SSLContext | None = None
    calls: list[Call] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _port: int = 0
    _left: dict[Route, deque[Answer]] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._port}"

    async def listen(self) -> None:
        """Take connections, after a `hang_up` on the same port as before."""
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", self._port, ssl=self.tls)
        self._port = self._server.sockets[0].getsockname()[1]

    async def hang_up(self) -> None:
        """Refuse connections from now on."""
        if self._server is not None:
            self._server.close()
            self._server.close_clients()
            await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            call = await self._heard(reader)
            self.calls.append(call)
            await self._say(call.answer, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _heard(self, reader: asyncio.StreamReader) -> Call:
        first, _, fields = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").partition("\r\n")
        headers = {name.lower(): text for name, text in BytesParser().parsebytes(fields.encode("latin-1")).items()}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, target, _ = first.split(" ")
        found = (route for pattern, route in ROUTES.items() if re.fullmatch(pattern, f"{method} {target}"))
        route: Route = next(found, "unknown")
        return Call(self.clock(), route, method, target, headers, body, self._next(route))

    def _next(self, route: Route) -> Answer:
        left = self._left.setdefault(route, deque(self.script.get(route, [UNKNOWN])))
        return left.popleft() if len(left) > 1 else left[0]

    async def _say(self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, body = answer.encode(self.clock() + self.skew, self.names)
        half = head + body[: len(body) // 2]
        cut = {"reset before headers": b"", "no headers": b"", "reset after headers": head}
        writer.write(cut.get(answer.breaks, half) if answer.breaks else head + body)
        await writer.drain()
        if answer.breaks.startswith("no "):
            await reader.read()
        if answer.breaks.startswith("reset"):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()
