"""Callers: each starts a run, waits until it is called back, reads the result, and compares the two."""

import asyncio
from collections import Counter
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp
from aiohttp import web

from emulator.faults import Traffic
from emulator.loopback import LoopbackServer
from tests.soak.questions import Question, Questions

PATIENCE_SECONDS = 300.0
"""From a start to its callback. A refresh that Graph joined to a scan which ended at once is repeated after 180."""


class CallbackServer(LoopbackServer):
    """Takes `POST /<number of the start>`, and gives the outcome to the caller that expects it."""

    def __init__(self, traffic: Traffic) -> None:
        super().__init__(traffic, port=0)
        self.expected: dict[int, asyncio.Future[Any]] = {}
        self.taken = 0

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_post("/{number:[0-9]+}", self._take)
        return application

    async def _take(self, request: web.Request) -> web.Response:
        body, outcome = await request.json(), self.expected.get(int(request.match_info["number"]))
        # A callback may come twice.
        if outcome and not outcome.done():
            outcome.set_result(body)
        self.taken += 1
        return web.Response(status=202)


@dataclass
class Callers:
    questions: Questions
    receiving: CallbackServer
    session: aiohttp.ClientSession = field(init=False)
    """With the app; each load has one of its own."""
    asked: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    """Runs that came to what they must, by the name of their question."""
    wrong: list[str] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    """Seconds from a start to its answer, under the steady load."""

    async def burst(self, count: int, at_a_time: int) -> None:
        """Start `count` runs as fast as they go, and wait until all are over."""
        turn = asyncio.Semaphore(at_a_time)
        async with asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(self._live(turn))

    async def steady(self, rate: float, seconds: float) -> None:
        """Start `rate` runs a second for so long, however slow the app is, and wait until all are over."""
        began, self.latencies = _now(), []
        async with asyncio.TaskGroup() as group:
            for number in range(round(rate * seconds)):
                await asyncio.sleep(began + number / rate - _now())
                group.create_task(self._live(nullcontext()))

    async def _live(self, turn: AbstractAsyncContextManager[object]) -> None:
        number, self.asked = self.asked, self.asked + 1
        question = self.questions.of(number)
        try:
            fault = await self._find_fault(turn, number, question)
        except (aiohttp.ClientError, TimeoutError) as error:
            fault = f"{type(error).__name__}: {error}"
        if fault:
            self.wrong.append(f"{question.name}: {fault}")
        else:
            self.ended[question.name] += 1

    async def _find_fault(self, turn: AbstractAsyncContextManager[object], number: int, question: Question) -> str:
        """Start a run, wait for its end and return what is wrong with it, "" when nothing is."""
        callback = f"{self.receiving.base_url}/{number}?sig=secret"
        asked = {**question.asked, "callbackUrl": callback, "timeoutSeconds": 900}
        outcome = self.receiving.expected[number] = asyncio.get_running_loop().create_future()
        try:
            async with turn:
                sent = _now()
                # With a key of its own, no start joins the run of another.
                key = {"Idempotency-Key": f"start-{number}"}
                status, run = await self._call("POST", "/api/runs", json=asked, headers=key)
                self.latencies.append(_now() - sent)
            if status != HTTPStatus.ACCEPTED:
                return f"started with HTTP {status}: {run}"
            if question.cancels:
                await self._call("DELETE", f"/api/runs/{run['id']}")
            async with asyncio.timeout(PATIENCE_SECONDS):
                told = await outcome
            status, result = await self._call("GET", f"/api/runs/{run['id']}/result")
            if told != result:
                return f"called back with {told}, and the result is {result}"
            return question.fault_of(status, result)
        finally:
            del self.receiving.expected[number]

    async def _call(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        async with self.session.request(method, path, **options) as answer:
            return answer.status, await answer.json(content_type=None)


def _now() -> float:
    return asyncio.get_running_loop().time()
