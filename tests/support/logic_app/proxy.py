"""A network between a Logic App and the app that loses answers and refuses requests."""

from typing import Literal

import aiohttp
from aiohttp import web

from emulator.faults import Traffic
from emulator.loopback import LoopbackServer

type Mishap = Literal["answer lost", "503"]


class UnreliableProxy(LoopbackServer):
    """Forwards to `upstream`, after it has had one of `mishaps` for each of the first requests.

    answer lost: the request arrives and is answered, but the answer does not come back. 503: nothing arrives.
    """

    def __init__(self, upstream: str, *mishaps: Mishap) -> None:
        super().__init__(Traffic(), port=0)
        self._upstream = upstream
        self._mishaps = list(mishaps)

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._forward)
        return application

    async def _forward(self, request: web.Request) -> web.Response:
        mishap = self._mishaps.pop(0) if self._mishaps else None
        if mishap == "503":
            return web.Response(status=503)
        answer = await self._forwarded(request)
        if mishap == "answer lost" and request.transport:
            request.transport.abort()
        return answer

    async def _forwarded(self, request: web.Request) -> web.Response:
        url = self._upstream + request.raw_path
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, url, headers=headers, data=await request.read()) as answer,
        ):
            kept = {name: answer.headers[name] for name in ("Location", "Retry-After") if name in answer.headers}
            body = await answer.read()
            kept |= {"Content-Type": answer.headers["Content-Type"]} if body else {}
            return web.Response(status=answer.status, headers=kept, body=body)
