"""The two that are compared: the app, and its orchestrator on durabletask's own worker."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Protocol

import aiohttp
from durabletask.client import AsyncTaskHubGrpcClient

from alert_refresh.hub.client import ORCHESTRATOR, make_run_id
from alert_refresh.run.state import dump_run, make_run
from alert_refresh.settings import read_settings
from alert_refresh.web.start_request import make_wish
from benchmarks.runs.process import MeasuredProcess, measured_process, read_banner

KEY = "function-key"


class Side(Protocol):
    """What serves runs; a request has the fields of `POST /runs`."""

    process: MeasuredProcess
    hub: MeasuredProcess | None
    """The task hub, when it is not in `process`."""

    async def start(self, request: Mapping[str, Any]) -> str:
        """Start a run and return its id."""
        ...

    async def read_result(self, run_id: str) -> Any:
        """Return the result of a run that is over, or what there is instead."""
        ...


type Opener = Callable[[Mapping[str, str]], AbstractAsyncContextManager[Side]]


@dataclass
class App:
    process: MeasuredProcess
    session: aiohttp.ClientSession
    base_url: str
    hub: MeasuredProcess | None = None

    async def start(self, request: Mapping[str, Any]) -> str:
        async with self.session.post(f"{self.base_url}/api/runs", json=request) as answer:
            body = await answer.json(content_type=None)
            if answer.status != HTTPStatus.ACCEPTED:
                raise RuntimeError(f"HTTP {answer.status}: {body}")
            return str(body["id"])

    async def read_result(self, run_id: str) -> Any:
        async with self.session.get(f"{self.base_url}/api/runs/{run_id}/result") as answer:
            return await answer.json(content_type=None)


@asynccontextmanager
async def open_app(environment: Mapping[str, str], *arguments: str) -> AsyncGenerator[App]:
    """Host the app on the emulated Functions host."""
    command = ("-m", "emulator", "host", "--port", "0", "--function-key", KEY, *arguments)
    async with (
        measured_process(command, environment) as process,
        aiohttp.ClientSession(headers={"x-functions-key": KEY}) as session,
    ):
        yield App(process, session, await read_banner(process))


@asynccontextmanager
async def open_app_beside_hub(environment: Mapping[str, str]) -> AsyncGenerator[App]:
    """Host the app as in Azure, where the task hub is not in the process of the app."""
    async with (
        measured_process(("-m", "emulator", "taskhub"), environment) as hub,
        open_app(environment, "--task-hub", await read_banner(hub, "Task hub at ")) as app,
    ):
        yield replace(app, hub=hub)


@dataclass
class Durabletask:
    process: MeasuredProcess
    client: AsyncTaskHubGrpcClient
    environment: Mapping[str, str]
    hub: MeasuredProcess | None = None

    async def start(self, request: Mapping[str, Any]) -> str:
        wish = make_wish(request, read_settings(self.environment), datetime.now(UTC))
        run = make_run(make_run_id(None), wish)
        return await self.client.schedule_new_orchestration(ORCHESTRATOR, input=dump_run(run), instance_id=run.id)

    async def read_result(self, run_id: str) -> Any:
        state = await self.client.get_orchestration_state(run_id)
        return state.get_output() if state else None


@asynccontextmanager
async def open_durabletask(environment: Mapping[str, str]) -> AsyncGenerator[Durabletask]:
    """Host the same orchestrator and activities on durabletask's own worker."""
    async with measured_process(("-m", "benchmarks.runs.durabletask_app"), environment) as process:
        quiet = logging.getLogger("durabletask.client")
        client = AsyncTaskHubGrpcClient(host_address=await read_banner(process), emit_trace_spans=False, logger=quiet)
        try:
            yield Durabletask(process, client, environment)
        finally:
            await client.close()


async def call_each[T, R](items: list[T], act: Callable[[T], Any], at_once: int) -> list[R]:
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
