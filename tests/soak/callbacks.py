"""Where the callbacks of all runs go: it keeps each outcome until its caller has compared it."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from emulator.faults import Traffic
from emulator.loopback import LoopbackServer


@dataclass
class Outcome:
    """What was posted for one start, once `came` is set."""

    body: Any = None
    came: asyncio.Event = field(default_factory=asyncio.Event)


class CallbackServer(LoopbackServer):
    """Takes `POST /<number of the start>`."""

    def __init__(self, traffic: Traffic) -> None:
        super().__init__(traffic, port=0)
        self.outcomes: defaultdict[int, Outcome] = defaultdict(Outcome)
        self.taken = 0

    def url(self, number: int) -> str:
        return f"{self.base_url}/{number}?sig=secret"

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_post("/{number:[0-9]+}", self._take)
        return application

    async def _take(self, request: web.Request) -> web.Response:
        outcome = self.outcomes[int(request.match_info["number"])]
        outcome.body = await request.json()
        outcome.came.set()
        self.taken += 1
        return web.Response(status=202)
