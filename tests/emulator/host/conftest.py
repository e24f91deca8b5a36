"""One host process per sample app for the whole session, and small clients for them."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from emulator.host.hub import TaskHub
from tests.emulator.host.hub_worker import MESSAGE_LIMIT, Worker
from tests.support.host_process import HostProcess, host_process

APPS = Path(__file__).parent / "apps"
FUNCTION_KEY, SYSTEM_KEY, MASTER_KEY = "function-key", "system-key", "master-key"
MANAGEMENT = "/runtime/webhooks/durabletask"
LIMIT_SECONDS = 15.0
YEARLY = "0 0 3 1 Jan *"


async def until(reached: Callable[[], Awaitable[bool]], limit_seconds: float = LIMIT_SECONDS) -> None:
    """Ask until the answer is yes."""
    async with asyncio.timeout(limit_seconds):
        while not await reached():  # noqa: ASYNC110 -- another process has no event to set
            await asyncio.sleep(0.01)


async def logged(host: HostProcess, pattern: str) -> None:
    """Wait until the host has written what the regular expression finds."""

    async def found() -> bool:
        return re.search(pattern, host.log) is not None

    await until(found)


async def run_by_hand(host: HostProcess, session: aiohttp.ClientSession, name: str, body: Any) -> None:
    """Ask for a run of a function with the master key; it is accepted."""
    url = f"{host.base_url}/admin/functions/{name}"
    async with session.post(url, headers={"x-functions-key": MASTER_KEY}, json=body) as response:
        assert (response.status, await response.read()) == (202, b"")


class DurableApp:
    """A client of the durable sample app: starts through its HTTP function, manages through the host."""

    def __init__(self, host: HostProcess, session: aiohttp.ClientSession) -> None:
        self.host = host
        self.session = session

    async def manage(self, method: str, path: str, **options: Any) -> tuple[int, dict[str, str], Any]:
        """Send a request with the system key; return status, headers and the JSON body, None when empty."""
        params = {"code": SYSTEM_KEY} | options.pop("params", {})
        url = f"{self.host.base_url}{MANAGEMENT}/{path}"
        async with self.session.request(method, url, params=params, **options) as response:
            body = await response.json() if await response.read() else None
            return response.status, {name.lower(): value for name, value in response.headers.items()}, body

    async def start(self, name: str, given: Any = None, instance_id: str = "", **params: str) -> str:
        """Start through the app's own HTTP function and return the instance id."""
        url = f"{self.host.base_url}/api/start/{name}/{instance_id}".rstrip("/")
        async with self.session.post(url, json=given, params={"code": FUNCTION_KEY} | params) as response:
            assert response.status == 202, await response.text()
            return str((await response.json())["id"])

    async def status(self, instance_id: str, **params: str) -> dict[str, Any]:
        code, _, body = await self.manage("GET", f"instances/{instance_id}", params=params)
        assert code in {200, 202}, f"{instance_id}: {code} {body}"
        return dict(body)

    async def until(self, instance_id: str, *states: str, custom_status: Any = None) -> dict[str, Any]:
        """Wait until the instance is there, in one of `states`, and with a custom status when one is given."""
        async with asyncio.timeout(LIMIT_SECONDS):
            while True:
                _, _, status = await self.manage("GET", f"instances/{instance_id}")
                if status and status["runtimeStatus"] in states and custom_status in (None, status["customStatus"]):
                    return dict(status)
                await asyncio.sleep(0.01)

    async def ended(self, instance_id: str) -> dict[str, Any]:
        return await self.until(instance_id, "Completed", "Failed", "Terminated", "Canceled")

    async def waiting(self) -> str:
        """Start an instance that waits for the event `go`, and return its id when it does."""
        instance_id = await self.start("waits_for_event", {"n": 1})
        await self.until(instance_id, "Running", custom_status={"waiting": {"n": 1}})
        return instance_id

    async def finished(self, orchestrator: str = "chain") -> str:
        """Return the id of an instance that is over."""
        instance_id = await self.start(orchestrator, "x")
        await self.ended(instance_id)
        return instance_id

    async def nights(self) -> list[dict[str, Any]]:
        """Return what the timer function `nightly` started, when it is over."""
        _, _, found = await self.manage("GET", "instances", params={"instanceIdPrefix": "nightly-"})
        return [instance for instance in found if instance["runtimeStatus"] == "Completed"]

    async def run(self, name: str, given: Any = None) -> Any:
        """Start, wait for the end and return the output; fails when it does not complete."""
        status = await self.ended(await self.start(name, given))
        assert status["runtimeStatus"] == "Completed", status
        return status["output"]


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
async def durable(session: aiohttp.ClientSession) -> AsyncIterator[DurableApp]:
    environment = {"AzureWebJobs.switched_off.Disabled": "true", "NIGHTLY_SCHEDULE": YEARLY}
    async with host_process(APPS / "durable", environment=environment, arguments=["--master-key", MASTER_KEY]) as host:
        yield DurableApp(host, session)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def web(session: aiohttp.ClientSession) -> AsyncIterator[HostProcess]:  # noqa: ARG001 -- outlives the session
    environment = {"AzureWebJobs.switched_off.Disabled": "true", "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "1000"}
    async with host_process(APPS / "http", environment=environment, arguments=["--master-key", MASTER_KEY]) as host:
        yield host
