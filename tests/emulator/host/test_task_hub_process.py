"""A task hub that outlives its hosts: `python -m emulator taskhub`, and `host --task-hub`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest

from tests.emulator.host.conftest import APPS, YEARLY, DurableApp, logged
from tests.support.host_process import host_process
from tests.support.task_hub_process import task_hub_process

PATIENCE = 2.0


@pytest.fixture(scope="module")
async def hub() -> AsyncIterator[str]:
    async with task_hub_process() as address:
        yield address


@asynccontextmanager
async def attached(hub: str) -> AsyncIterator[DurableApp]:
    """Host the durable sample app on the hub."""
    arguments = ("--task-hub", hub)
    async with (
        host_process(APPS / "durable", environment={"NIGHTLY_SCHEDULE": YEARLY}, arguments=arguments) as host,
        aiohttp.ClientSession() as session,
    ):
        yield DurableApp(host, session)


async def test_an_activity_whose_host_is_killed_is_run_again_by_the_next(hub: str, name: str) -> None:
    async with attached(hub) as first:
        await first.start("blocks", 1.5, name)
        await logged(first.host, "blocking for 1.5")
        await first.host.kill()
    async with attached(hub) as second:
        ended = await second.ended(name)
        assert (ended["runtimeStatus"], ended["output"]) == ("Completed", "blocked for 1.5")
        assert second.host.log.count("blocking for 1.5") == 1


async def test_an_activity_whose_host_is_stopped_in_time_is_not_run_again(hub: str, name: str) -> None:
    async with attached(hub) as first:
        await first.start("blocks", 0.1, name)
        await logged(first.host, "blocking for 0.1")
    async with attached(hub) as second:
        assert (await second.ended(name))["output"] == "blocked for 0.1"
        assert "blocking for 0.1" not in second.host.log


async def test_timers_events_children_and_locks_outlive_the_host(hub: str, name: str) -> None:
    async with attached(hub) as first:
        timed = await first.start("timed", PATIENCE)
        child = await first.start("parent", "wait", name)
        holder = await first.start("holds_lock", name)
        event = await first.waiting()
        await first.until(timed, "Running")
        await first.until(f"{name}-child", "Running")
        await first.until(holder, "Running", custom_status="locked")
        await first.manage("POST", f"entities/counter/{name}?op=add", json=1)
        await first.manage("POST", f"instances/{event}/raiseEvent/go", json="before")
        await first.ended(event)
        await first.host.kill()
    async with attached(hub) as second:
        await second.manage("POST", f"instances/{name}-child/raiseEvent/go", json="after")
        await second.manage("POST", f"instances/{holder}/raiseEvent/unlock", json="after")
        ends = [await second.ended(each) for each in (timed, child, holder, event)]
        assert [end["runtimeStatus"] for end in ends] == ["Completed"] * 4
        waited, of_child, seen, told = (end["output"] for end in ends)
        assert waited >= PATIENCE
        assert of_child == {"parent": name, "given": "wait"}
        assert seen == 10, "the signal waited for the unlock, through the death of the host"
        assert told == "before"
        async with asyncio.timeout(15):
            while (await second.manage("GET", f"entities/counter/{name}"))[2] != 11:
                pass


async def test_the_management_api_reaches_the_shared_hub(hub: str, name: str) -> None:
    async with attached(hub) as app, attached(hub) as other:
        waiting = await app.waiting()
        status = await other.status(waiting, showHistory="true")
        assert [event["EventType"] for event in status["historyEvents"]] == ["ExecutionStarted"]
        assert (await other.manage("POST", f"orchestrators/chain/{waiting}", json=1))[0] == 409, "it is running"
        for verb, state in (("suspend", "Suspended"), ("resume", "Running"), ("terminate", "Terminated")):
            assert (await other.manage("POST", f"instances/{waiting}/{verb}"))[0] == 202
            await app.until(waiting, state)
        assert (await other.manage("POST", f"orchestrators/chain/{waiting}", json=1))[0] == 202
        await app.ended(waiting)
        found = (await other.manage("GET", f"instances?instanceIdPrefix={waiting}"))[2]
        assert [instance["output"]["echoed"] for instance in found] == [1]
        assert (await other.manage("DELETE", f"instances/{waiting}"))[2] == {"instancesDeleted": 1}
        assert (await app.manage("GET", f"instances/{waiting}"))[0] == 404

        await app.manage("POST", f"entities/counter/{name}?op=add", json=3)
        await app.run("counts", name)
        keys = [entity["entityId"]["key"] for entity in (await other.manage("GET", "entities/counter"))[2]]
        assert name in keys


async def test_a_host_goes_on_when_its_hub_was_away(unused_tcp_port: int) -> None:
    async with AsyncExitStack() as hub_life, AsyncExitStack() as host_life:
        address = await hub_life.enter_async_context(task_hub_process(unused_tcp_port))
        app = await host_life.enter_async_context(attached(address))
        forgotten = await app.waiting()
        await hub_life.aclose()
        async with task_hub_process(unused_tcp_port):
            assert await app.run("timed", 0.1) >= 0.1
            assert (await app.manage("GET", f"instances/{forgotten}"))[0] == 404, "it keeps everything in memory"
            await host_life.aclose()
