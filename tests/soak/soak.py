"""The soak: the app's host in a process of its own, its task hub in another, and everything else in this one."""

import asyncio
import random
from dataclasses import dataclass, field

import aiohttp

from emulator.faults import Traffic
from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.soak.callbacks import CallbackServer
from tests.soak.callers import Callers
from tests.soak.questions import SCAN_SECONDS, Questions
from tests.soak.resources import Sample, cpu_seconds, sample
from tests.soak.troubles import ANSWERED, Troubles
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


@dataclass
class Soaked:
    """What there is to say of a soak."""

    load: Load
    graph: Troubles
    receiver: Troubles
    callers: Callers
    asked_of_graph: int = 0
    burst_seconds: float = 0.0
    """From the first start to the answer to the last one."""
    drained_seconds: float = 0.0
    """From the first start to the end of the last run of the burst."""
    steady_seconds: float = 0.0
    cpu_seconds: float = 0.0
    """Of the host, for the steady load."""
    samples: list[Sample] = field(default_factory=list)
    """Of the host, under the steady load."""
    idle: list[Sample] = field(default_factory=list)
    """Of the host, at rest: after the burst, and at the end."""
    ended_badly: str = ""
    """Why the host's process did not end well."""


async def soak(load: Load) -> Soaked:
    """Burst, rest, steady load, rest, stop."""
    chance = random.Random(load.seed)  # noqa: S311 -- no secret
    at_graph, at_receiver = Troubles(chance, [ANSWERED]), Troubles(chance)
    tenant = Tenant(scan_seconds=SCAN_SECONDS, previous_scans=True, faults=at_graph.faults)
    async with (
        GraphServer(tenant) as graph,
        IdentityServer() as identity,
        CallbackServer(Traffic(faults=at_receiver.faults)) as receiving,
        task_hub_process() as hub,
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
                await _under(load, soaked, host)
        except AssertionError as error:
            soaked.ended_badly = str(error)
        soaked.asked_of_graph += len(graph.requests)
        return soaked


async def _under(load: Load, soaked: Soaked, host: HostProcess) -> None:
    clock, callers = asyncio.get_running_loop().time, soaked.callers
    async with asyncio.TaskGroup() as group:
        scans = group.create_task(callers.questions.scan())
        began = clock()
        async with _session(host) as session:
            soaked.burst_seconds = await callers.burst(session, load.burst, AT_A_TIME)
        soaked.drained_seconds = clock() - began
        soaked.idle.append(await _rested(host))
        began, cpu = clock(), cpu_seconds(host.pid)
        async with _session(host) as session:
            chores = [group.create_task(_watch(soaked, host)), group.create_task(_purge(soaked, session))]
            await callers.steady(session, load.rate, 60 * load.minutes)
            for chore in chores:
                chore.cancel()
        soaked.steady_seconds, soaked.cpu_seconds = clock() - began, cpu_seconds(host.pid) - cpu
        soaked.idle.append(await _rested(host))
        scans.cancel()


def _session(host: HostProcess) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(host.base_url, headers={"x-functions-key": FUNCTION_KEY})


async def _watch(soaked: Soaked, host: HostProcess) -> None:
    while True:
        soaked.samples.append(sample(host.pid, asyncio.get_running_loop().time()))
        await asyncio.sleep(SAMPLE_SECONDS)


async def _purge(soaked: Soaked, session: aiohttp.ClientSession) -> None:
    """Let the app purge its runs again and again, and this process what it was asked."""
    tenant, receiving = soaked.callers.questions.tenant, soaked.callers.receiving
    while True:
        await asyncio.sleep(PURGE_SECONDS)
        await _fire(session)
        soaked.asked_of_graph += len(tenant.requests)
        tenant.requests.clear()
        receiving.requests.clear()


async def _fire(session: aiohttp.ClientSession) -> None:
    headers = {"x-functions-key": MASTER_KEY}
    async with session.post("/admin/functions/purge_runs", headers=headers, json={}) as answer:
        answer.raise_for_status()


async def _rested(host: HostProcess) -> Sample:
    await asyncio.sleep(IDLE_SECONDS)
    return sample(host.pid, asyncio.get_running_loop().time())
