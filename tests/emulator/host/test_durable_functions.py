"""Durable functions on the emulated host: what an app's author sees of orchestrators, activities and entities."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.emulator.host.conftest import FUNCTION_KEY, DurableApp, until

FAILED = "durabletask.task.TaskFailedError"
NO_INPUT = "'NoneType' object has no attribute 'type'"


async def test_activities_are_called_by_name_without_case_and_by_their_other_name(durable: DurableApp) -> None:
    given = {"text": "grüße", "number": 1.5, "list": [True, None]}
    assert await durable.run("chain", given) == {"echoed": given, "renamed": "renamed me", "none": None}


@pytest.mark.parametrize(
    ("kind", "error_type", "message"),
    [
        ("plain", "LookupError", "plain"),
        ("chained", "ValueError", 'it\'s: the "outer" one'),
        ("silent", "RuntimeError", ""),
        (
            "unprintable",
            "(unknown)",
            "Unhandled exception in function. Could not serialize original exception message.",
        ),
    ],
)
async def test_what_is_left_of_an_exception(durable: DurableApp, kind: str, error_type: str, message: str) -> None:
    assert await durable.run("failures", kind) == {"type": error_type, "message": message}


@pytest.mark.parametrize(
    ("orchestrator", "given", "output"),
    [
        ("fails", "plain", f"{FAILED}: {{id}}: Activity task #1 failed: plain"),
        ("calls", "echo", f"{FAILED}: {{id}}: Activity task #1 failed: {NO_INPUT}"),
        ("calls", "missing", f"{FAILED}: {{id}}: Activity task #1 failed: "),
        ("calls", "switched_off", f"{FAILED}: {{id}}: Activity task #1 failed: "),
        (
            "parent",
            "fail",
            f"{FAILED}: Sub-orchestration task #1 failed: {{id}}-child: Activity task #1 failed: of the child",
        ),
    ],
)
async def test_a_failed_instance_says_why(durable: DurableApp, orchestrator: str, given: Any, output: str) -> None:
    instance_id = await durable.start(orchestrator, given)
    status = await durable.ended(instance_id)
    assert (status["runtimeStatus"], status["output"]) == ("Failed", output.format(id=instance_id))


async def test_an_unknown_orchestrator_can_be_started_and_fails(durable: DurableApp) -> None:
    status = await durable.ended(await durable.start("no_such_thing"))
    assert status["runtimeStatus"] == "Failed"
    assert status["output"].startswith(
        "The function 'no_such_thing' doesn't exist, is disabled, or is not an orchestrator function."
    )
    assert "'chain'" in status["output"]


async def test_a_timer_of_ten_days_is_kept_in_pieces_of_three_and_can_be_terminated(durable: DurableApp) -> None:
    instance_id = await durable.start("timed", 10 * 86_400)
    await durable.until(instance_id, "Running")
    _, _, status = await durable.manage("GET", f"instances/{instance_id}?showHistory=true")

    [timer] = [event for event in status["historyEvents"] if event["EventType"] == "TimerCreated"]
    piece = datetime.fromisoformat(timer["FireAt"]) - datetime.fromisoformat(status["createdTime"])
    assert timedelta(days=3) <= piece < timedelta(days=3, minutes=1)
    await durable.manage("POST", f"instances/{instance_id}/terminate")
    assert (await durable.ended(instance_id))["runtimeStatus"] == "Terminated"


@pytest.mark.parametrize(("seconds", "winner"), [(0.05, "timer"), (3600, "event")])
async def test_an_event_against_a_timer(durable: DurableApp, seconds: float, winner: str) -> None:
    instance_id = await durable.start("race", seconds)
    if winner == "event":
        await durable.manage("POST", f"instances/{instance_id}/raiseEvent/go", json=1)
    assert (await durable.ended(instance_id))["output"] == winner


async def test_continue_as_new_keeps_the_custom_status_and_drops_what_was_left_behind(durable: DurableApp) -> None:
    instance_id = await durable.start("rounds", {"round": 0, "seen": []})

    async def last_round() -> bool:
        return bool((await durable.status(instance_id))["input"]["round"] == 3)

    await until(last_round)
    # Each of the three rounds left an activity and a timer of 50 ms behind; this activity ends after all of them.
    await durable.run("chain", 1)
    assert await durable.run("timed", 0.2)
    status = await durable.until(instance_id, "Running", custom_status="first round")
    assert status["output"] is None
    await durable.manage("POST", f"instances/{instance_id}/raiseEvent/finish", json=0)
    status = await durable.ended(instance_id)
    assert (status["output"], status["customStatus"]) == ([0, 1, 2], "first round")
    history = (await durable.status(instance_id, showHistory="true"))["historyEvents"]
    assert [event["EventType"] for event in history] == ["ExecutionStarted", "EventRaised", "ExecutionCompleted"]


async def test_a_child_knows_its_parent(durable: DurableApp) -> None:
    instance_id = await durable.start("parent", "ok")
    assert (await durable.ended(instance_id))["output"] == {"parent": instance_id, "given": "ok"}


async def test_a_termination_does_not_reach_the_children_even_when_it_should(durable: DurableApp) -> None:
    instance_id = await durable.start("parent", "wait")
    await durable.until(f"{instance_id}-child", "Running")
    url = f"{durable.host.base_url}/api/terminate-all/{instance_id}"
    async with durable.session.post(url, params={"code": FUNCTION_KEY}) as response:
        assert response.status == 202
    status = await durable.ended(instance_id)
    assert (status["runtimeStatus"], status["output"]) == ("Terminated", "enough")
    child = f"{instance_id}-child"
    await durable.manage("POST", f"instances/{child}/raiseEvent/go", json=1)
    assert (await durable.ended(child))["runtimeStatus"] == "Completed"


async def test_a_start_can_be_put_off(durable: DurableApp) -> None:
    instance_id = await durable.start("chain", 1, delay="0.3")
    assert (await durable.status(instance_id))["runtimeStatus"] == "Pending"
    assert (await durable.ended(instance_id))["runtimeStatus"] == "Completed"
    never = await durable.start("chain", 1, delay="3600")
    await durable.manage("POST", f"instances/{never}/terminate")
    assert (await durable.ended(never))["runtimeStatus"] == "Terminated"


async def test_an_entity_is_signalled_called_and_can_fail(durable: DurableApp) -> None:
    result = await durable.run("counts", "called")
    assert result["total"] == 7
    assert result["failure"].endswith("the counter exploded")


async def test_an_unknown_entity_is_a_failure_for_its_caller(durable: DurableApp) -> None:
    assert "The function 'no_such_entity' doesn't exist" in await durable.run("calls_entity", "no_such_entity")


async def test_a_lock_makes_reading_and_writing_one_step(durable: DurableApp) -> None:
    results = await asyncio.gather(*(durable.run("locked", "shared") for _ in range(5)))
    assert sorted(results) == [1, 2, 3, 4, 5]


async def test_two_hundred_orchestrations_with_timers_all_end(durable: DurableApp) -> None:
    assert len(await asyncio.gather(*(durable.run("timed", 0.5) for _ in range(200)))) == 200
