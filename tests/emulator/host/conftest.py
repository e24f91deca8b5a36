"""One host of the sample app for the whole session, and a small client for it."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from yarl import URL

from emulator.host.hub import TaskHub
from tests.emulator.host.hub_worker import MESSAGE_LIMIT, Worker
from tests.support.host_process import HostProcess, host_process

APP = Path(__file__).parent / "app"
FUNCTION_KEY, SYSTEM_KEY, MASTER_KEY = "function-key", "system-key", "master-key"
MANAGEMENT = "/runtime/webhooks/durabletask"


async def until(reached: Callable[[], Awaitable[bool]]) -> None:
    """Ask until the answer is yes."""
    async with asyncio.timeout(15):
        while not await reached():  # noqa: ASYNC110 -- another process has no event to set
            await asyncio.sleep(0.01)


async def logged(host: HostProcess, pattern: str, times: int = 1) -> None:
    """Wait until the host has written so many times what the regular expression finds."""

    async def found() -> bool:
        return len(re.findall(pattern, host.log)) >= times

    await until(found)


class SampleApp:
    """A client of the sample app: starts through its HTTP function, manages through the host."""

    def __init__(self, host: HostProcess, session: aiohttp.ClientSession) -> None:
        self.host = host
        self.session = session

    async def send(self, method: str, path: str, **options: Any) -> tuple[int, Mapping[str, str], Any]:
        """Send a request to a path, taken as it is; return status, headers and body: JSON or text, None when empty."""
        url = URL(f"{self.host.base_url}{path}", encoded=True)
        async with self.session.request(method, url, **options) as response:
            is_json = response.content_type == "application/json"
            body = (await response.json() if is_json else await response.text()) if await response.read() else None
            return response.status, response.headers, body

    async def manage(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """Send a request to the management API with the system key; return status and body."""
        params = {"code": SYSTEM_KEY} | options.pop("params", {})
        status, _, body = await self.send(method, f"{MANAGEMENT}/{path}", params=params, **options)
        return status, body

    async def start(self, name: str, given: Any = None, instance_id: str = "", **params: str) -> str:
        """Start through the app's own HTTP function and return the instance id."""
        path = f"/api/start/{name}/{instance_id}".rstrip("/")
        status, _, body = await self.send("POST", path, json=given, params={"code": FUNCTION_KEY} | params)
        assert status == 202, body
        return str(body["id"])

    async def status(self, instance_id: str, **params: str) -> dict[str, Any]:
        code, body = await self.manage("GET", f"instances/{instance_id}", params=params)
        assert code in {200, 202}, f"{instance_id}: {code} {body}"
        return dict(body)

    async def until(self, instance_id: str, *states: str, custom_status: Any = None) -> dict[str, Any]:
        """Wait until the instance is there, in one of `states`, and with a custom status when one is given."""
        found: dict[str, Any] = {}

        async def reached() -> bool:
            _, body = await self.manage("GET", f"instances/{instance_id}")
            found.update(body or {})
            return found.get("runtimeStatus") in states and custom_status in (None, found["customStatus"])

        await until(reached)
        return found

    async def ended(self, instance_id: str) -> dict[str, Any]:
        return await self.until(instance_id, "Completed", "Failed", "Terminated", "Canceled")

    async def waiting(self) -> str:
        """Start an instance that waits for the event `go`, and return its id when it does."""
        instance_id = await self.start("waits_for_event", {"n": 1})
        await self.until(instance_id, "Running", custom_status={"waiting": {"n": 1}})
        return instance_id

    async def finished(self, orchestrator: str = "chain", given: Any = "x") -> str:
        """Return the id of an instance that is over."""
        instance_id = await self.start(orchestrator, given)
        await self.ended(instance_id)
        return instance_id

    async def run(self, name: str, given: Any = None) -> Any:
        """Start, wait for the end and return the output; fails when it does not complete."""
        status = await self.ended(await self.start(name, given))
        assert status["runtimeStatus"] == "Completed", status
        return status["output"]

    async def command(self, instance_id: str, command: str, **options: Any) -> int:
        """Send a command to an instance and return the status of the answer."""
        return (await self.manage("POST", f"instances/{instance_id}/{command}", **options))[0]

    async def nights(self, count: int) -> list[dict[str, Any]]:
        """Wait for at least `count` ends of what the timer function `nightly` starts."""
        found: list[dict[str, Any]] = []

        async def reached() -> bool:
            params = {"instanceIdPrefix": "nightly-", "runtimeStatus": "Completed"}
            found[:] = (await self.manage("GET", "instances", params=params))[1]
            return len(found) >= count

        await until(reached)
        return found

    async def entity_is(self, key: str, state: int | None) -> None:
        """Wait until the counter has the state; None is one that is not there."""
        expected = (404, None) if state is None else (200, state)

        async def reached() -> bool:
            return await self.manage("GET", f"entities/counter/{key}") == expected

        await until(reached)


@asynccontextmanager
async def sample_host(
    session: aiohttp.ClientSession, *, environment: Mapping[str, str] = {}, arguments: Sequence[str] = ()
) -> AsyncIterator[SampleApp]:
    nightly = {"NIGHTLY_SCHEDULE": "0 0 3 1 Jan *"}
    async with host_process(APP, environment=nightly | dict(environment), arguments=arguments) as host:
        yield SampleApp(host, session)


@pytest.fixture
def hub() -> Iterator[TaskHub]:
    started = TaskHub(MESSAGE_LIMIT)
    started.start()
    yield started
    started.stop()


@pytest.fixture
def worker(hub: TaskHub) -> Worker:
    return Worker(hub)


@pytest.fixture
def name() -> str:
    """Return an instance id or entity key that no other test uses."""
    return f"id-{uuid.uuid4().hex[:8]}"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def app(session: aiohttp.ClientSession) -> AsyncIterator[SampleApp]:
    environment = {
        "AzureWebJobs.switched_off.Disabled": "true",
        "AzureWebJobs.out_of_use.Disabled": "true",
        "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "1000",
    }
    async with sample_host(session, environment=environment, arguments=["--master-key", MASTER_KEY]) as started:
        yield started
