"""A task hub that outlives its hosts: `python -m emulator taskhub`, and `host --task-hub`."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import aiohttp
import pytest

from tests.emulator.host.conftest import SampleApp, logged, sample_host
from tests.support.task_hub_process import task_hub_process

PATIENCE = 2.0


@pytest.fixture(scope="module")
async def hub() -> AsyncIterator[str]:
    async with task_hub_process() as address:
        yield address


def attached(hub: str, session: aiohttp.ClientSession) -> AbstractAsyncContextManager[SampleApp]:
    """Host the sample app on the hub."""
    return sample_host(session, arguments=("--task-hub", hub))


@pytest.mark.parametrize(("seconds", "killed"), [(1.5, True), (0.1, False)])
async def test_an_activity_is_run_again_by_the_next_host_only_when_its_own_is_killed(
    session: aiohttp.ClientSession, hub: str, name: str, seconds: float, *, killed: bool
) -> None:
    async with attached(hub, session) as first:
        await first.start("calls", ["block", seconds], name)
        await logged(first.host, f"blocking for {seconds}")
        if killed:
            await first.host.kill()
    async with attached(hub, session) as second:
        ended = await second.ended(name)
        assert (ended["runtimeStatus"], ended["output"]) == ("Completed", f"blocked for {seconds}")
        assert second.host.log.count(f"blocking for {seconds}") == int(killed)


async def test_timers_events_children_and_locks_outlive_the_host(
    session: aiohttp.ClientSession, hub: str, name: str
) -> None:
    async with attached(hub, session) as first:
        timed = await first.start("timed", PATIENCE)
        child = await first.start("parent", "wait", name)
        holder = await first.start("holds_lock", name)
        event = await first.waiting()
        await first.until(timed, "Running")
        await first.until(f"{name}-child", "Running")
        await first.until(holder, "Running", custom_status="locked")
        await first.manage("POST", f"entities/counter/{name}?op=add", json=1)
        await first.command(event, "raiseEvent/go", json="before")
        await first.ended(event)
        await first.host.kill()
    async with attached(hub, session) as second:
        await second.command(f"{name}-child", "raiseEvent/go", json="after")
        await second.command(holder, "raiseEvent/unlock", json="after")
        waited, of_child, seen, data = [(await second.ended(each))["output"] for each in (timed, child, holder, event)]
        assert waited >= PATIENCE
        assert of_child["child"]["parent"] == name
        assert seen == 10, "the signal waited for the unlock, through the death of the host"
        assert data == "before"
        await second.entity_is(name, 11)


async def test_the_management_api_reaches_the_shared_hub(session: aiohttp.ClientSession, hub: str, name: str) -> None:
    async with attached(hub, session) as app, attached(hub, session) as other:
        waiting = await app.waiting()
        status = await other.status(waiting, showHistory="true")
        assert [event["EventType"] for event in status["historyEvents"]] == ["ExecutionStarted"]
        assert (await other.manage("POST", f"orchestrators/chain/{waiting}", json=1))[0] == 409, "it is running"
        for verb, state in (("suspend", "Suspended"), ("resume", "Running"), ("terminate", "Terminated")):
            assert await other.command(waiting, verb) == 202
            await app.until(waiting, state)
        assert (await other.manage("POST", f"orchestrators/chain/{waiting}", json=1))[0] == 202
        await app.ended(waiting)
        _, found = await other.manage("GET", f"instances?instanceIdPrefix={waiting}")
        assert [instance["output"]["echoed"] for instance in found] == [1]
        assert await other.manage("DELETE", f"instances/{waiting}") == (200, {"instancesDeleted": 1})
        assert (await app.manage("GET", f"instances/{waiting}"))[0] == 404

        await app.manage("POST", f"entities/counter/{name}?op=add", json=3)
        await other.entity_is(name, 3)
        _, listed = await other.manage("GET", "entities/counter")
        assert name in [entity["entityId"]["key"] for entity in listed]


async def test_a_host_goes_on_when_its_hub_was_away(session: aiohttp.ClientSession, unused_tcp_port: int) -> None:
    async with AsyncExitStack() as hub_life, AsyncExitStack() as host_life:
        address = await hub_life.enter_async_context(task_hub_process(unused_tcp_port))
        app = await host_life.enter_async_context(attached(address, session))
        forgotten = await app.waiting()
        await hub_life.aclose()
        async with task_hub_process(unused_tcp_port):
            assert await app.run("timed", 0.1) >= 0.1
            assert (await app.manage("GET", f"instances/{forgotten}"))[0] == 404, "it keeps everything in memory"
            await host_life.aclose()
