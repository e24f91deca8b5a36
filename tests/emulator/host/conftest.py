"""One host of the sample app for the whole session, and a small client for it."""

import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from yarl import URL

from emulator.host.hub import TaskHub
from tests.conformance.row import Ask, Row
from tests.conformance.runner import Host, compare
from tests.emulator.host.hub_worker import MESSAGE_LIMIT, Worker
from tests.support.host_process import HostProcess, host_process

APP = Path(__file__).parent / "app"
FUNCTION_KEY, SYSTEM_KEY, MASTER_KEY = "function-key", "system-key", "master-key"
MANAGEMENT = "/runtime/webhooks/durabletask"
DURABLE = "AzureFunctionsJobHost__extensions__durableTask__"


class SampleApp:
    """A client of the sample app."""

    def __init__(self, host: HostProcess, session: aiohttp.ClientSession) -> None:
        self.host = host
        self.session = session

    async def hold(self, *asks: Ask) -> None:
        """Ask as a row of the conformance table does; fail with the first difference."""
        host = Host(self.host.base_url, {"function": FUNCTION_KEY, "system": SYSTEM_KEY}, limit_seconds=15)
        assert await compare(Row("", "", asks), host, self.session) == ""

    async def send(self, method: str, path: str, **options: Any) -> tuple[int, Mapping[str, str], Any]:
        """Send a request to a path, taken as it is; return status, headers and body: JSON or text, None when empty."""
        url = URL(f"{self.host.base_url}{path}", encoded=True)
        async with self.session.request(method, url, **options) as response:
            is_json = response.content_type == "application/json"
            body = (await response.json() if is_json else await response.text()) if await response.read() else None
            return response.status, response.headers, body

    async def manage(self, method: str, path: str, **options: Any) -> Any:
        """Send a request to the management API with the system key and return the body."""
        params = {"code": SYSTEM_KEY} | options.pop("params", {})
        return (await self.send(method, f"{MANAGEMENT}/{path}", params=params, **options))[2]

    async def run(self, *steps: list[Any]) -> Any:
        """Let `script` follow the steps and return its output; fails when it does not complete."""
        patience = {"timeout": "15", "pollingInterval": "0.01"}
        output = await self.manage("POST", "orchestrators/script", json=steps, params=patience)
        assert isinstance(output, list), output
        return output


@asynccontextmanager
async def sample_host(
    session: aiohttp.ClientSession, *, environment: Mapping[str, str] = {}, arguments: Sequence[str] = ()
) -> AsyncIterator[SampleApp]:
    nightly = {"NIGHTLY_SCHEDULE": "0 0 3 1 Jan *", "AzureWebJobs.paused.Disabled": "true"}
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
        "AzureWebJobs.fill.Disabled": "true",
        "AzureWebJobs.out_of_use.Disabled": "true",
        "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "1000",
    }
    async with sample_host(session, environment=environment, arguments=["--master-key", MASTER_KEY]) as started:
        yield started
