"""The soak: the app's host in a process of its own, its task hub in another, and everything else in this one."""

import asyncio
import random
from dataclasses import dataclass, field

import aiohttp
import psutil

from emulator.faults import Traffic
from emulator.graph import GraphServer, Tenant
from emulator.host.hub import Timing
from emulator.host.timing import switches_of
from emulator.identity import IdentityServer
from tests.soak.callers import CallbackServer, Callers
from tests.soak.questions import SCAN_SECONDS, Questions
from tests.soak.troubles import Troubles
from tests.support.host_process import CHECKOUT, HostProcess, host_process
from tests.support.task_hub_process import task_hub_process

FUNCTION_KEY, MASTER_KEY = "function-key", "master-key"
SETTINGS = {
    "REFRESH_ENABLED": "true",
    "CALLBACK_ALLOWED_HOSTS": "127.0.0.1",
    "POLL_MIN_SECONDS": "1",
    "POLL_MAX_SECONDS": "4",
    "RUN_RETENTION_DAYS": "0.002",
}
"""Runs are kept for three minutes: longer than a caller needs, and the purge has something to do."""
PURGE_SECONDS, SAMPLE_SECONDS = 20.0, 2.0
AT_A_TIME = 32
"""Starts of the burst that are under way at once."""
IDLE_SECONDS = 20.0
"""After the last run: connections that are kept alive are closed by then."""


@dataclass(frozen=True)
class Load:
    burst: int
    rate: float
    """Starts a second."""
    minutes: float
    seed: int

    @property
    def starts(self) -> int:
        return self.burst + round(self.rate * 60 * self.minutes)


@dataclass(frozen=True)
class Sample:
    """What the host's process holds of the machine."""

    at: float
    """Seconds, on the event loop's clock."""
    resident: int
    """Bytes."""
    files: int
    threads: int


@dataclass
class Soaked:
    """What there is to say of a soak."""

    load: Load
    graph: Troubles
    receiver: Troubles
    callers: Callers
    asked_of_graph: int = 0
    burst_seconds: float = 0.0
    """From its first start to the end of its last run."""
    samples: list[Sample] = field(default_factory=list)
    """From the begin of the steady load to the end of its last run."""
    idle: list[Sample] = field(default_factory=list)
    """At rest: after the burst, and at the end."""
    ended_badly: str = ""
    """Why the host's process did not end well."""


async def soak(load: Load, timing: Timing) -> Soaked:
    """Burst, rest, steady load, rest, stop."""
    chance = random.Random(load.seed)  # noqa: S311 -- no secret
    at_graph, at_receiver = Troubles(chance), Troubles(chance)
    tenant = Tenant(scan_seconds=SCAN_SECONDS, previous_scans=True, faults=at_graph.faults)
    async with (
        GraphServer(tenant) as graph,
        IdentityServer() as identity,
        CallbackServer(Traffic(faults=at_receiver.faults)) as receiving,
        task_hub_process(arguments=switches_of(timing)) as hub,
    ):
        soaked = Soaked(load, at_graph, at_receiver, Callers(Questions(tenant), receiving))
        environment = {"GRAPH_BASE_URL": graph.base_url, **identity.environment, **SETTINGS}
        try:
            async with host_process(
                CHECKOUT,
                environment=environment,
                function_key=FUNCTION_KEY,
                arguments=("--task-hub", hub, "--master-key", MASTER_KEY),
            ) as host:
                await _load(soaked, host)
        except AssertionError as error:
            soaked.ended_badly = str(error)
        soaked.asked_of_graph += len(graph.requests)
        return soaked


async def _load(soaked: Soaked, host: HostProcess) -> None:
    load, callers = soaked.load, soaked.callers
    async with asyncio.TaskGroup() as group:
        scans = group.create_task(callers.questions.scan())
        began = asyncio.get_running_loop().time()
        async with _session(host) as callers.session:
            await callers.burst(load.burst, AT_A_TIME)
        soaked.burst_seconds = asyncio.get_running_loop().time() - began
        await asyncio.sleep(IDLE_SECONDS)
        soaked.idle.append(_sample(host))
        async with _session(host) as callers.session:
            chores = [group.create_task(_watch(soaked, host)), group.create_task(_purge(soaked))]
            await callers.steady(load.rate, 60 * load.minutes)
            for chore in chores:
                chore.cancel()
        soaked.samples.append(_sample(host))
        await asyncio.sleep(IDLE_SECONDS)
        soaked.idle.append(_sample(host))
        scans.cancel()


def _session(host: HostProcess) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(host.base_url, headers={"x-functions-key": FUNCTION_KEY})


def _sample(host: HostProcess) -> Sample:
    process, at = psutil.Process(host.pid), asyncio.get_running_loop().time()
    return Sample(at, process.memory_info().rss, process.num_fds(), process.num_threads())


async def _watch(soaked: Soaked, host: HostProcess) -> None:
    while True:
        soaked.samples.append(_sample(host))
        await asyncio.sleep(SAMPLE_SECONDS)


async def _purge(soaked: Soaked) -> None:
    """Let the app purge its runs again and again, and this process what it was asked."""
    tenant, receiving = soaked.callers.questions.tenant, soaked.callers.receiving
    headers = {"x-functions-key": MASTER_KEY}
    while True:
        await asyncio.sleep(PURGE_SECONDS)
        async with soaked.callers.session.post("/admin/functions/purge_runs", headers=headers, json={}) as answer:
            answer.raise_for_status()
        soaked.asked_of_graph += len(tenant.requests)
        tenant.requests.clear()
        receiving.requests.clear()
