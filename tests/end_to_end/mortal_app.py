"""The app in hosts that are killed over and over, and callers who do not give up."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp

from tests.end_to_end.conftest import FUNCTION_KEY, SYSTEM_KEY, Reply, read_reply
from tests.support.host_process import CHECKOUT, free_port, host_process

LIVES = (0.7, 1.7)
"""How long a host lives, in times that it took to start, about a second: a machine that is busy gives it longer."""


@dataclass
class MortalApp:
    """The app on a hub that lives on, in hosts that do not."""

    environment: Mapping[str, str]
    hub: str
    session: aiohttp.ClientSession
    port: int = field(default_factory=free_port)
    kills: int = 0
    _up: asyncio.Event = field(default_factory=asyncio.Event)

    async def live(self, over: asyncio.Event) -> None:
        """Start a host, kill it, and start the next at once, until `over`."""
        chance = random.Random(20230609)  # noqa: S311 -- no secret
        clock = asyncio.get_running_loop().time
        while not over.is_set():
            began = clock()
            async with host_process(
                CHECKOUT,
                environment=self.environment,
                function_key=FUNCTION_KEY,
                system_key=SYSTEM_KEY,
                arguments=("--task-hub", self.hub),
                port=self.port,
                # A run whose refresh joined a scan at its end refreshes again after the grace.
                module="tests.support.impatient_emulator",
            ) as host:
                self._up.set()
                try:
                    async with asyncio.timeout((clock() - began) * chance.uniform(*LIVES)):
                        await over.wait()
                except TimeoutError:
                    self._up.clear()
                    await host.kill()
                    self.kills += 1

    async def ask(self, method: str, path: str, **options: Any) -> Reply:
        """Ask until there is an answer, whoever gives it."""
        headers = {"x-functions-key": FUNCTION_KEY, **options.pop("headers", {})}
        url = f"http://127.0.0.1:{self.port}{path}"
        while True:
            await self._up.wait()
            try:
                async with self.session.request(method, url, headers=headers, **options) as answer:
                    return await read_reply(method, answer)
            except aiohttp.ClientError:
                continue

    async def start(self, request: Mapping[str, Any], idempotency_key: str) -> str:
        """Start a run, only once however often it takes, and return its id."""
        started = await self.ask("POST", "/api/runs", json=request, headers={"Idempotency-Key": idempotency_key})
        assert started.status == HTTPStatus.ACCEPTED, started.body
        return str(started.body["id"])

    async def result(self, run_id: str) -> Reply:
        """Wait for the end of the run and return what its result answers."""
        path, patiently = f"/api/runs/{run_id}/result", {"Prefer": "wait=5"}
        while (reply := await self.ask("GET", path, headers=patiently)).status == HTTPStatus.ACCEPTED:
            pass
        return reply
