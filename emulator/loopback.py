"""An HTTP server on 127.0.0.1 that remembers its requests, misbehaves on demand and stops at once."""

import asyncio
import os
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from aiohttp import web

from emulator.faults import Fault, Handler, ReceivedRequest, Traffic

HOST = "127.0.0.1"
SHUTDOWN_SECONDS = 0.1


class LoopbackServer(ABC):
    """`async with` starts and stops it; port 0 takes a free port. Raises `OSError` when the port is taken."""

    def __init__(self, traffic: Traffic, port: int) -> None:
        self.port = port
        self._traffic = traffic
        self._runner: web.AppRunner | None = None

    @abstractmethod
    def application(self) -> web.Application:
        """Return the routes; `base_url` is known by then only if the port was given, so handlers read it late."""

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def requests(self) -> list[ReceivedRequest]:
        """Everything received but `GET /health`, oldest first."""
        return self._traffic.requests

    @property
    def faults(self) -> list[Fault]:
        return self._traffic.faults

    async def __aenter__(self) -> Self:
        application = self.application()
        application.middlewares.insert(0, self._intercept)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self.port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _intercept(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/health":
            return web.json_response({"status": "healthy"})
        received = ReceivedRequest(request.method, request.raw_path, request.headers, self._traffic.clock())
        self.requests.append(received)
        fault = self._traffic.next_fault(received)
        return await (fault.answer(request, handler) if fault else handler(request))


async def serve_until_stopped(server: LoopbackServer, announce: Callable[[], None]) -> int:
    """Serve until SIGINT or SIGTERM and return the exit code; `announce` is called when the port is open."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(server)
        except OSError as error:
            print(f"Cannot listen on {server.base_url}: {os.strerror(error.errno or 0)}", file=sys.stderr)
            return 1
        announce()
        await stopped.wait()
    return 0
