"""Durable functions on the emulated host: what an app's author sees of orchestrators, activities and entities."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import durabletask.internal.orchestrator_service_pb2 as pb
import pytest

from emulator.host.hub import HubOptions, TaskHub, in_process
from tests.emulator.host.conftest import SampleApp, sample_host, until
from tests.emulator.host.hub_worker import MESSAGE_LIMIT, Worker, start

TASK_FAILED = "durabletask.task.TaskFailedError: {id}: Activity task #1 failed: "
CHILD_FAILED = (
    "durabletask.task.TaskFailedError: Sub-orchestration task #1 failed: {id}-child: Activity task #1 failed: "
)
UNKNOWN = "The function 'no_such_thing' doesn't exist, is disabled, or is not an orchestrator function."
UNPRINTABLE = "Unhandled exception in function. Could not serialize original exception message."


async def test_activities_are_called_by_name_without_case_and_by_their_other_name(app: SampleApp) -> None:
    given = {"text": "grüße", "number": 1.5, "list": [True, None]}
    assert await app.run("chain", given) == {"echoed": given, "renamed": "renamed me", "none": None}


@pytest.mark.parametrize(
    ("kind", "error_type", "message"),
    [
        ("plain", "LookupError", "plain"),
        ("chained", "ValueError", 'it\'s: the "outer" one'),
        ("silent", "RuntimeError", ""),
        ("unprintable", "(unknown)", UNPRINTABLE),
    ],
)
async def test_what_is_left_of_an_exception(app: SampleApp, kind: str, error_type: str, message: str) -> None:
    assert await app.run("failures", kind) == {"type": error_type, "message": message}


@pytest.mark.parametrize(
    ("orchestrator", "given", "output"),
    [
        ("calls", ["fail", "plain"], f"{TASK_FAILED}plain"),
        ("calls", ["echo"], f"{TASK_FAILED}'NoneType' object has no attribute 'type'"),
        ("calls", ["missing", 1], TASK_FAILED.rstrip()),
        ("calls", ["switched_off", 1], TASK_FAILED.rstrip()),
        ("parent", "fail", f"{CHILD_FAILED}of the child"),
        ("no_such_thing", 1, UNKNOWN),
    ],
)
async def test_a_failed_instance_says_why(app: SampleApp, orchestrator: str, given: Any, output: str) -> None:
    instance_id = await app.start(orchestrator, given)
    status = await app.ended(instance_id)
    assert status["runtimeStatus"] == "Failed"
    assert status["output"].partition(" Additional info")[0] == output.format(id=instance_id)


async def test_a_timer_of_ten_days_is_kept_in_pieces_of_three_and_can_be_terminated(app: SampleApp) -> None:
    instance_id = await app.start("timed", 10 * 86_400)
    await app.until(instance_id, "Running")
    status = await app.status(instance_id, showHistory="true")

    [timer] = [event for event in status["historyEvents"] if event["EventType"] == "TimerCreated"]
    piece = datetime.fromisoformat(timer["FireAt"]) - datetime.fromisoformat(status["createdTime"])
    assert timedelta(days=3) <= piece < timedelta(days=3, minutes=1)
    await app.command(instance_id, "terminate")
    assert (await app.ended(instance_id))["runtimeStatus"] == "Terminated"


@pytest.mark.parametrize(("seconds", "winner"), [(0.05, "timer"), (3600, "event")])
async def test_an_event_against_a_timer(app: SampleApp, seconds: float, winner: str) -> None:
    instance_id = await app.start("race", seconds)
    if winner == "event":
        await app.command(instance_id, "raiseEvent/go", json=1)
    assert (await app.ended(instance_id))["output"] == winner


async def test_continue_as_new_keeps_the_custom_status_and_drops_what_was_left_behind(app: SampleApp) -> None:
    instance_id = await app.start("rounds", {"round": 0, "seen": []})

    async def last_round() -> bool:
        return bool((await app.status(instance_id))["input"]["round"] == 3)

    await until(last_round)
    # Each of the three rounds left an activity and a timer of 50 ms behind; this timer ends after all of them.
    assert await app.run("timed", 0.2)
    status = await app.until(instance_id, "Running", custom_status="first round")
    assert status["output"] is None
    await app.command(instance_id, "raiseEvent/finish", json=0)
    await app.ended(instance_id)
    status = await app.status(instance_id, showHistory="true")
    assert (status["output"], status["customStatus"]) == ([0, 1, 2], "first round")
    kinds = [event["EventType"] for event in status["historyEvents"]]
    assert kinds == ["ExecutionStarted", "EventRaised", "ExecutionCompleted"]


async def test_a_start_can_be_put_off(app: SampleApp) -> None:
    instance_id = await app.start("chain", 1, delay="0.3")
    assert (await app.status(instance_id))["runtimeStatus"] == "Pending"
    assert (await app.ended(instance_id))["runtimeStatus"] == "Completed"
    never = await app.start("chain", 1, delay="3600")
    await app.command(never, "terminate")
    assert (await app.ended(never))["runtimeStatus"] == "Terminated"


async def test_an_entity_is_signalled_called_and_can_fail(app: SampleApp) -> None:
    result = await app.run("counts", "called")
    assert result["total"] == 2, "the call overtakes the signal"
    assert result["failure"].endswith("the counter exploded")


async def test_a_lock_makes_reading_and_writing_one_step(app: SampleApp) -> None:
    results = await asyncio.gather(*(app.run("locked", "shared") for _ in range(5)))
    assert sorted(results) == [1, 2, 3, 4, 5]


async def test_two_hundred_orchestrations_with_timers_all_end(app: SampleApp) -> None:
    assert len(await asyncio.gather(*(app.run("timed", 0.5) for _ in range(200)))) == 200


DURABLE = "AzureFunctionsJobHost__extensions__durableTask__"
WINDOW = {f"{DURABLE}entityMessageReorderWindowInMinutes": "30"}


async def test_with_a_reorder_window_calls_and_locks_are_lost_and_signals_arrive(
    session: aiohttp.ClientSession,
) -> None:
    async with sample_host(session, environment=WINDOW) as app:
        locking, calling = await app.start("locked", "locked"), await app.start("counts", "called")
        await app.entity_is("called", 5)
        await app.manage("POST", "entities/counter/locked?op=add", json=3)
        await app.entity_is("locked", 3)
        for waiting in (locking, calling):
            assert (await app.status(waiting))["runtimeStatus"] == "Running"


async def test_with_the_durable_task_scheduler_a_window_loses_nothing(session: aiohttp.ClientSession) -> None:
    scheduler = {f"{DURABLE}storageProvider__type": "AzureManaged"}
    async with sample_host(session, environment=WINDOW | scheduler) as app:
        assert await app.run("locked", "locked") == 1


def test_the_history_keeps_a_call_and_a_lock_that_are_lost() -> None:
    hub = TaskHub(MESSAGE_LIMIT, HubOptions(drops_entity_calls=True))
    start(hub)
    call, lock = pb.OrchestratorAction(id=1), pb.OrchestratorAction(id=2)
    call.sendEntityMessage.entityOperationCalled.operation = "get"
    lock.sendEntityMessage.entityLockRequested.criticalSectionId = "section"
    lock.sendEntityMessage.entityLockRequested.lockSet.append("@counter@key")
    Worker(hub).turn(call, lock)
    chunks = hub.StreamInstanceHistory(pb.StreamInstanceHistoryRequest(instanceId="one"), in_process)
    kept = {(event.eventSent.name, event.eventId) for chunk in chunks for event in chunk.events}
    assert {("op", 1), ("op", 2)} <= kept
