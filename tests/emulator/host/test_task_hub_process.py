"""A task hub that outlives its hosts: `python -m emulator taskhub`, and `host --task-hub`."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import aiohttp
import pytest

from tests.conformance.management import begin, show
from tests.conformance.row import ends, hub, manage, read, start
from tests.emulator.host.conftest import SampleApp, sample_host
from tests.support.task_hub_process import task_hub_process


@pytest.fixture(scope="module")
async def address() -> AsyncIterator[str]:
    async with task_hub_process() as address:
        yield address


def attached(address: str, session: aiohttp.ClientSession) -> AbstractAsyncContextManager[SampleApp]:
    """Host the sample app on the hub."""
    return sample_host(session, arguments=("--task-hub", address))


@pytest.mark.parametrize(("seconds", "killed"), [(1.5, True), (0.1, False)])
async def test_an_activity_is_run_again_by_the_next_host_only_when_its_own_is_killed(
    session: aiohttp.ClientSession, address: str, name: str, seconds: float, *, killed: bool
) -> None:
    async with attached(address, session) as first:
        await first.hold(start(name, ["activity", "block", seconds]))
        assert await first.host.read_lines(f"blocking for {seconds}")
        if killed:
            await first.host.kill()
    async with attached(address, session) as second:
        await second.hold(ends(name, output=f'["blocked for {seconds}"]'))
        assert second.host.log.count(f"blocking for {seconds}") == int(killed)


async def test_timers_events_children_and_locks_outlive_the_host(
    session: aiohttp.ClientSession, address: str, name: str
) -> None:
    timed, parent, child, holder, over = (f"{name}-{each}" for each in ("timed", "parent", "child", "lock", "over"))
    add = ["call", "counter", name, "add"]
    async with attached(address, session) as first:
        await first.hold(
            start(timed, ["sleep", 2]),
            start(parent, ["child", "waits", "born", child]),
            start(holder, ["lock", "counter", name, [[*add, 1], ["show", "locked", 1], ["wait", "go"], [*add, 2]]]),
            start(over, name="waits"),
            *(ends(each, "RUNNING") for each in (timed, child, over)),
            ends(holder, "RUNNING", customStatus='"locked"'),
            manage("POST", f"entities/counter/{name}?op=add", 202, sent=3),
            hub("RaiseEvent", instanceId=over, name="go", input='"before"'),
            ends(over, output='"before"'),
        )
        await first.host.kill()
    async with attached(address, session) as second:
        await second.hold(
            *(hub("RaiseEvent", instanceId=each, name="go", input='"after"') for each in (child, holder)),
            ends(timed),
            ends(parent, output='["after"]'),
            ends(holder),
            read(over, "COMPLETED", output='"before"'),
            # The signal waited for the unlock, through the death of the host.
            manage("GET", f"entities/counter/{name}", 200, [1, 2, 3], until=True),
        )


async def test_the_management_api_reaches_the_shared_hub(
    session: aiohttp.ClientSession, address: str, name: str
) -> None:
    async with attached(address, session) as app, attached(address, session) as other:
        await app.hold(begin(name), show("Running", name))
        await other.hold(
            show("Running", name, "?showHistory=true", historyEvents=[{"EventType": "ExecutionStarted"}]),
            begin(name, status=409),
            *(
                ask
                for verb, state in (("suspend", "Suspended"), ("resume", "Running"), ("terminate", "Terminated"))
                for ask in (manage("POST", f"instances/{name}/{verb}", 202), show(state, name))
            ),
            begin(name, "quick", sent=1),
        )
        await app.hold(
            show("Completed", name),
            manage("GET", f"instances?instanceIdPrefix={name}", 200, [{"output": {"given": 1}}]),
            manage("POST", f"entities/counter/{name}?op=add", 202, sent=3),
        )
        await other.hold(
            manage("DELETE", f"instances/{name}", 200, {"instancesDeleted": 1}),
            manage("GET", f"entities/counter/{name}", 200, [3], until=True),
        )
        await app.hold(manage("GET", f"instances/{name}", 404))
        listed = await other.manage("GET", "entities/counter")
        assert name in [entity["entityId"]["key"] for entity in listed]


async def test_a_host_goes_on_when_its_hub_was_away(
    session: aiohttp.ClientSession, unused_tcp_port: int, name: str
) -> None:
    async with AsyncExitStack() as hub_life, AsyncExitStack() as host_life:
        address = await hub_life.enter_async_context(task_hub_process(unused_tcp_port))
        app = await host_life.enter_async_context(attached(address, session))
        await app.hold(begin(name), show("Running", name))
        await hub_life.aclose()
        async with task_hub_process(unused_tcp_port):
            await app.run(["sleep", 0.1])
            # It keeps everything in memory.
            await app.hold(manage("GET", f"instances/{name}", 404))
            await host_life.aclose()
