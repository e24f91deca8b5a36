"""Durable functions on the emulated host: what an app's author sees of orchestrators, activities and entities."""

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.conformance.row import ANY, Ask, ends, hub, manage, read, start
from tests.emulator.host.conftest import DURABLE, SampleApp, sample_host

ERROR, ACTIVITY = "durabletask.task.TaskFailedError: ", "Activity task #1 failed: "
TASK_FAILED = f"{ERROR}{{id}}: {ACTIVITY}"
CHILD_FAILED = f"{ERROR}Sub-orchestration task #1 failed: {{id}}-child: {ACTIVITY}"
UNKNOWN = "The function 'no_such_thing' doesn't exist, is disabled, or is not an orchestrator function."
UNPRINTABLE = "Unhandled exception in function. Could not serialize original exception message."


async def test_activities_are_called_by_name_without_case_and_by_their_other_name(app: SampleApp) -> None:
    given = {"text": "grüße", "number": 1.5, "list": [True, None]}
    assert await app.run(["activity", "ECHO", given], ["activity", "renamed", 1]) == [given, None]


@pytest.mark.parametrize(
    ("activity", "given", "error_type", "message"),
    [
        ("fail", "plain", "ValueError", "plain"),
        ("fail", "", "ValueError", ""),
        ("fail_oddly", "chained", "ValueError", 'it\'s: the "outer" one'),
        ("fail_oddly", "unprintable", "(unknown)", UNPRINTABLE),
    ],
)
async def test_what_is_left_of_an_exception(
    app: SampleApp, activity: str, given: str, error_type: str, message: str
) -> None:
    assert await app.run(["try", "activity", activity, given]) == [{"type": error_type, "message": message}]


@pytest.mark.parametrize(
    ("orchestrator", "step", "output"),
    [
        ("script", ["activity", "fail", "plain"], f"{TASK_FAILED}plain"),
        ("script", ["activity", "echo", None], f"{TASK_FAILED}'NoneType' object has no attribute 'type'"),
        ("script", ["activity", "missing", 1], TASK_FAILED.rstrip()),
        ("script", ["activity", "fill", 1], TASK_FAILED.rstrip()),
        ("script", ["child", "script", [["activity", "fail", "it"]], "{id}-child"], f"{CHILD_FAILED}it"),
        ("script", ["show", "x", 8191], "CustomStatus is too large: limit = 16 KB (UTF-16), actual = 16.00 KB."),
        ("no_such_thing", [], UNKNOWN),
    ],
)
async def test_a_failed_instance_says_why(
    app: SampleApp, name: str, orchestrator: str, step: list[Any], output: str
) -> None:
    steps = [[f"{name}-child" if each == "{id}-child" else each for each in step]]
    await app.manage("POST", f"orchestrators/{orchestrator}/{name}", json=steps)
    await app.hold(ends(name, "FAILED"))
    status = await app.manage("GET", f"instances/{name}")
    assert status["output"].partition(" Additional info")[0] == output.format(id=name)


async def test_half_of_a_surrogate_pair_in_an_exception_hangs_the_instance(app: SampleApp, name: str) -> None:
    await app.hold(start(name, ["activity", "fail_oddly", "halved"]))
    assert await app.host.read_lines("fail_oddly", "the exception has a lone surrogate")
    await app.run(["activity", "echo", 1])
    await app.hold(read(name, "RUNNING"))


async def test_a_call_overtakes_the_signals_of_its_turn_and_the_last_signal_comes_first(
    app: SampleApp, name: str
) -> None:
    signals = [["signal", "counter", name, "add", number] for number in (1, 2)]
    assert (await app.run(*signals, ["call", "counter", name, "add", 3]))[-1] == []
    await app.hold(manage("GET", f"entities/counter/{name}", 200, [3, 2, 1], until=True))


async def test_a_lock_makes_several_calls_one_step(app: SampleApp, name: str) -> None:
    add = ["call", "counter", name, "add"]
    runs = (["lock", "counter", name, [[*add, n], ["activity", "block", 0.02], [*add, n]]] for n in range(5))
    await asyncio.gather(*map(app.run, runs))
    added = await app.manage("GET", f"entities/counter/{name}")
    assert added[::2] == added[1::2]
    assert len(added) == 10


async def test_two_hundred_orchestrations_with_timers_all_end(app: SampleApp) -> None:
    assert len(await asyncio.gather(*(app.run(["sleep", 0.5]) for _ in range(200)))) == 200


def history(instance: str, *expected: Any) -> Ask:
    """Read the history of an instance that took one turn."""
    chunk = {"events": [{"orchestratorStarted": ANY}, {"executionStarted": ANY}, *expected, ANY]}
    return hub("StreamInstanceHistory", [chunk], instanceId=instance)


async def test_with_a_reorder_window_calls_and_locks_are_lost_and_signals_arrive(
    session: aiohttp.ClientSession,
) -> None:
    """The history keeps what is lost."""
    sent = {"eventSent": {"name": "op"}}
    call, lock = ["call", "counter", "a", "add", 1], ["lock", "counter", "b", []]
    window = {f"{DURABLE}entityMessageReorderWindowInMinutes": "30"}
    async with sample_host(session, environment=window) as app:
        await app.hold(
            start("calls", ["signal", "counter", "a", "add", 5], call),
            start("locks", lock),
            manage("GET", "entities/counter/a", 200, [5], until=True),
            manage("POST", "entities/counter/b?op=add", 202, sent=3),
            manage("GET", "entities/counter/b", 200, [3], until=True),
            read("calls", "RUNNING"),
            read("locks", "RUNNING"),
            history("calls", sent, sent),
            history("locks", sent),
        )


async def test_a_newer_version_stays_pending_even_when_it_is_terminated(session: aiohttp.ClientSession) -> None:
    async with sample_host(session, environment={f"{DURABLE}defaultVersion": "1.0"}) as app:
        await app.hold(start("newer", ["version"], version="1.0.0"))
        assert await app.host.read_lines("newer: its version is not one")
        await app.hold(hub("TerminateInstance", instanceId="newer"))
        await app.run(["version"])
        await app.hold(ends("newer", "PENDING"))
