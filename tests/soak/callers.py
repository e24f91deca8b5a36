"""Callers: each starts a run, waits until it is called back, reads the result, and compares the two."""

import asyncio
from collections import Counter
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple

import aiohttp

from tests.soak.callbacks import CallbackServer
from tests.soak.questions import Question, Questions

PATIENCE_SECONDS = 180.0
"""From a start to its callback."""
TIMEOUT_SECONDS = 900


class Start(NamedTuple):
    """When it was sent, and when it was answered."""

    sent: float
    answered: float


@dataclass
class Callers:
    questions: Questions
    receiving: CallbackServer
    asked: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    """Runs that came to what they must, by the name of their question."""
    wrong: list[str] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)

    async def burst(self, session: aiohttp.ClientSession, count: int, at_a_time: int) -> float:
        """Start `count` runs as fast as they go, wait until all are over, and return how long the starts took."""
        began, turn = _now(), asyncio.Semaphore(at_a_time)
        async with asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(self._live(session, turn))
        return max(start.answered for start in self.starts) - began

    async def steady(self, session: aiohttp.ClientSession, rate: float, seconds: float) -> None:
        """Start `rate` runs a second for so long, however slow the app is, and wait until all are over."""
        began, self.most_in_flight = _now(), self.in_flight
        async with asyncio.TaskGroup() as group:
            for number in range(round(rate * seconds)):
                await asyncio.sleep(began + number / rate - _now())
                group.create_task(self._live(session, nullcontext()))

    async def _live(self, session: aiohttp.ClientSession, turn: AbstractAsyncContextManager[object]) -> None:
        number, self.asked = self.asked, self.asked + 1
        question = self.questions.of(number)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            async with turn:
                status, run = await self._start(session, number, question)
            fault = (
                await self._followed(session, number, question, run)
                if status == HTTPStatus.ACCEPTED
                else f"{question.name}: started with HTTP {status}: {run}"
            )
        except (aiohttp.ClientError, TimeoutError) as error:
            fault = f"{question.name}: {type(error).__name__}: {error}"
        self.in_flight -= 1
        self.receiving.outcomes.pop(number, None)
        if fault:
            self.wrong.append(fault)
        else:
            self.ended[question.name] += 1

    async def _start(self, session: aiohttp.ClientSession, number: int, question: Question) -> tuple[int, Any]:
        asked = {**question.asked, "callbackUrl": self.receiving.url(number), "timeoutSeconds": TIMEOUT_SECONDS}
        sent = _now()
        try:
            # With a key of its own, no start joins the run of another.
            return await _call(session, "POST", "/api/runs", json=asked, headers={"Idempotency-Key": f"start-{number}"})
        finally:
            self.starts.append(Start(sent, _now()))

    async def _followed(
        self, session: aiohttp.ClientSession, number: int, question: Question, run: dict[str, Any]
    ) -> str:
        """Wait for the run's end and return what is wrong with it, "" when nothing is."""
        if question.cancels:
            await _call(session, "DELETE", f"/api/runs/{run['id']}")
        told = self.receiving.outcomes[number]
        async with asyncio.timeout(PATIENCE_SECONDS):
            await told.came.wait()
        status, result = await _call(session, "GET", f"/api/runs/{run['id']}/result")
        if told.body != result:
            return f"{question.name}: called back with {told.body}, and the result is {result}"
        return question.fault_of(status, result)


async def _call(session: aiohttp.ClientSession, method: str, path: str, **options: Any) -> tuple[int, Any]:
    async with session.request(method, path, **options) as answer:
        return answer.status, await answer.json(content_type=None)


def _now() -> float:
    return asyncio.get_running_loop().time()
