"""A receiver of callbacks on loopback: it keeps what came in, and answers as told."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from multidict import CIMultiDictProxy


@dataclass(frozen=True)
class Received:
    path: str
    headers: CIMultiDictProxy[str]
    body: bytes


@dataclass
class Receiver:
    """Answers with `answers` in turn, status and headers, and with 200 when there are none left."""

    base_url: str = ""
    answers: deque[tuple[int, Mapping[str, str]]] = field(default_factory=deque)
    received: list[Received] = field(default_factory=list)
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def posts(self, path: str, count: int = 1) -> list[Received]:
        """Wait until `path` was posted to `count` times, and return everything posted to it."""
        async with asyncio.timeout(30), self._came:
            await self._came.wait_for(lambda: len(self.to(path)) >= count)
        return self.to(path)

    def to(self, path: str) -> list[Received]:
        return [each for each in self.received if each.path == path]

    async def handle(self, request: web.BaseRequest) -> web.Response:
        async with self._came:
            self.received.append(Received(request.path, request.headers, await request.content.read()))
            self._came.notify_all()
        status, headers = self.answers.popleft() if self.answers else (200, {})
        return web.Response(status=status, headers=headers)


@asynccontextmanager
async def receiver() -> AsyncGenerator[Receiver]:
    """Yield a receiver that listens on a free port of 127.0.0.1."""
    started = Receiver()
    runner = web.ServerRunner(web.Server(started.handle))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        started.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield started
    finally:
        await runner.cleanup()
