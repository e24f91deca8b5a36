"""Servers on loopback that keep what they are sent; one of them takes callbacks, and answers as told."""

import asyncio
import ssl
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from aiohttp import web
from multidict import CIMultiDictProxy


@dataclass(frozen=True)
class Received:
    path: str
    headers: CIMultiDictProxy[str]
    body: bytes


@dataclass
class Inbox(ABC):
    """Keeps whatever it is sent."""

    base_url: str = ""
    received: list[Received] = field(default_factory=list)
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)

    @asynccontextmanager
    async def listen(self, tls: ssl.SSLContext | None = None) -> AsyncGenerator[Self]:
        """Listen on a free port of 127.0.0.1."""
        runner = web.ServerRunner(web.Server(self._handle))
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
            port = runner.addresses[0][1]
            self.base_url = f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
            yield self
        finally:
            await runner.cleanup()

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait until what came in makes it so."""
        async with asyncio.timeout(30), self._came:
            await self._came.wait_for(reached)

    @abstractmethod
    def answer(self, received: Received) -> web.Response:
        """Return the answer to what has just come in."""

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        received = Received(request.path, request.headers, await request.content.read())
        async with self._came:
            self.received.append(received)
            answer = self.answer(received)
            self._came.notify_all()
        return answer


@dataclass
class Receiver(Inbox):
    """Answers with `answers` in turn, status and headers, and with 200 when there are none left."""

    answers: deque[tuple[int, Mapping[str, str]]] = field(default_factory=deque)

    async def posts(self, path: str, count: int = 1) -> list[Received]:
        """Wait until `path` was posted to `count` times, and return everything posted to it."""
        await self.until(lambda: len(self.to(path)) >= count)
        return self.to(path)

    def to(self, path: str) -> list[Received]:
        return [each for each in self.received if each.path == path]

    def answer(self, received: Received) -> web.Response:  # noqa: ARG002 - the same for all
        status, headers = self.answers.popleft() if self.answers else (200, {})
        return web.Response(status=status, headers=headers)
