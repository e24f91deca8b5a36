"""The two that are compared: how each is started, asked, and read."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Protocol

import aiohttp
from durabletask.client import AsyncTaskHubGrpcClient

from benchmarks.runs.process import MeasuredProcess, listening, measured_process
from domain.run_id import run_id
from domain.settings import read_settings
from triggers.start_request import first_state

KEY = "function-key"


class Side(Protocol):
    """A running app; a question has the fields of `POST /runs`."""

    process: MeasuredProcess

    async def start(self, question: Mapping[str, Any]) -> str:
        """Start a run and return its id."""
        ...

    async def result(self, started: str) -> Any:
        """Return the result of a run that is over, or whatever stands in its place."""
        ...


type Opened = Callable[[Mapping[str, str]], AbstractAsyncContextManager[Side]]


@dataclass
class Ours:
    process: MeasuredProcess
    session: aiohttp.ClientSession
    base_url: str

    async def start(self, question: Mapping[str, Any]) -> str:
        async with self.session.post(f"{self.base_url}/api/runs", json=question) as answer:
            body = await answer.json(content_type=None)
            if answer.status != HTTPStatus.ACCEPTED:
                raise RuntimeError(f"HTTP {answer.status}: {body}")
            return str(body["id"])

    async def result(self, started: str) -> Any:
        async with self.session.get(f"{self.base_url}/api/runs/{started}/result") as answer:
            return await answer.json(content_type=None)


@asynccontextmanager
async def ours(environment: Mapping[str, str]) -> AsyncGenerator[Ours]:
    """Host the app on the emulated Functions host."""
    command = ("-m", "emulator", "host", "--port", "0", "--function-key", KEY)
    async with (
        measured_process(command, environment) as process,
        aiohttp.ClientSession(headers={"x-functions-key": KEY}) as session,
    ):
        yield Ours(process, session, await listening(process))


@dataclass
class Durabletask:
    process: MeasuredProcess
    client: AsyncTaskHubGrpcClient
    environment: Mapping[str, str]

    async def start(self, question: Mapping[str, Any]) -> str:
        state = first_state(question, read_settings(self.environment), datetime.now(UTC))
        return await self.client.schedule_new_orchestration("await_alert", input=state, instance_id=run_id(state, None))

    async def result(self, started: str) -> Any:
        state = await self.client.get_orchestration_state(started)
        return state.get_output() if state else None


@asynccontextmanager
async def durabletask(environment: Mapping[str, str]) -> AsyncGenerator[Durabletask]:
    """Host the same orchestrator and activities on durabletask's own worker."""
    async with measured_process(("-m", "benchmarks.runs.durabletask_app"), environment) as process:
        quiet = logging.getLogger("durabletask.client")
        client = AsyncTaskHubGrpcClient(host_address=await listening(process), emit_trace_spans=False, logger=quiet)
        try:
            yield Durabletask(process, client, environment)
        finally:
            await client.close()


async def each[T, R](items: list[T], act: Callable[[T], Any], at_once: int) -> list[R]:
    """Return what `act` returns for each of `items`, `at_once` of them at a time, in their order."""
    results: dict[int, R] = {}
    left = iter(enumerate(items))

    async def work() -> None:
        for number, item in left:
            results[number] = await act(item)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())
    return [results[number] for number in range(len(items))]
