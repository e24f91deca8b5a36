"""What a network and an overloaded service do to a caller, as data.

Fault("GET .*/operations/", status=429, headers={"Retry-After": "0.249"}, times=2)
Fault("GET ", status=200, body=b'{"id": "refresh:', drop="mid body")
Fault("GET .*/alerts/", delay=5)
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from aiohttp import web
from multidict import CIMultiDictProxy

type Clock = Callable[[], datetime]
type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def wall_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request as received; `target` is path and query, not decoded, so that `%3A` and `:` differ."""

    method: str
    target: str
    headers: CIMultiDictProxy[str]
    time: datetime

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


@dataclass
class Fault:
    """One thing that goes wrong.

    match: a regular expression searched in `METHOD target`, or a predicate; the default takes every request.
    times: how many requests it takes, None for all.
    status, headers, body, json: the answer; a body is called JSON unless the headers say otherwise. Without a status
        the request goes on to the real handler: `Fault(pattern, times=3)` before another lets three requests through.
    delay: seconds before anything happens.
    drop: where the connection breaks: before any byte, after the headers, or after half of the body. When it is once
        the request was handled, no byte comes back either, but the server has done its work.

    Raises `ValueError` for an answer without a status.
    """

    match: str | Callable[[ReceivedRequest], bool] = ""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    json: Any = None
    delay: float = 0.0
    drop: Literal["before headers", "once handled", "after headers", "mid body"] | None = None
    times: int | None = 1

    def __post_init__(self) -> None:
        answer = self.headers or self.body or self.json is not None or self.drop in {"after headers", "mid body"}
        if answer and self.status is None:
            raise ValueError("a fault with an answer needs a status")

    def matches(self, request: ReceivedRequest) -> bool:
        if isinstance(self.match, str):
            return re.search(self.match, str(request)) is not None
        return self.match(request)

    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        await asyncio.sleep(self.delay)
        if self.drop == "once handled":
            await handler(request)
        if self.drop in {"before headers", "once handled"}:
            _transport(request).abort()
            return web.Response()
        if self.status is None:
            return await handler(request)
        response = web.Response(status=self.status, body=self.body or None)
        if self.json is not None:
            response = web.json_response(self.json, status=self.status)
        elif self.body:
            response.content_type = "application/json"
        response.headers.update(self.headers)
        return response if self.drop is None else await self._break_off(request, response)

    async def _break_off(self, request: web.Request, whole: web.Response) -> web.StreamResponse:
        body = whole.body if isinstance(whole.body, bytes) else b""
        broken = web.StreamResponse(status=whole.status, headers=whole.headers)
        broken.content_length = len(body) or 1
        await broken.prepare(request)
        if self.drop == "mid body":
            await broken.write(body[: len(body) // 2])
        _transport(request).close()
        return broken


@dataclass(kw_only=True)
class Traffic:
    """What a server received, and what must go wrong in its answers."""

    clock: Clock = wall_clock
    faults: list[Fault] = field(default_factory=list)
    requests: list[ReceivedRequest] = field(default_factory=list)

    def next_fault(self, request: ReceivedRequest) -> Fault | None:
        """Return the first fault that matches and is not used up, one use shorter."""
        for fault in self.faults:
            if fault.times != 0 and fault.matches(request):
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None


def _transport(request: web.Request) -> asyncio.Transport:
    if not isinstance(request.transport, asyncio.Transport):
        raise ConnectionResetError("the caller is gone")
    return request.transport
