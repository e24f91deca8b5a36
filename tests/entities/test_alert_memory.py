"""The entity as orchestrations and operators meet it: one refresh shared by many runs, in virtual time."""

from collections.abc import Generator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import pytest
from durabletask import task
from durabletask.entities import EntityInstanceId

from domain.alert_memory import entity_key
from domain.timestamps import format_timestamp
from entities.alert_memory import alert_memory
from orchestrators.steps import call, now, wait
from tests.support.graph_samples import ALERT_ID
from tests.support.virtual_entities import VirtualEntities
from tests.support.virtual_time import START, VirtualTime

MEMORY = f"@alert_memory@{entity_key(ALERT_ID)}"
blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="ctx")
def shares_a_refresh(ctx: task.OrchestrationContext, alert_id: str) -> Generator[task.Task[Any], Any, Any]:
    """Refresh the alert, or use another run's refresh; return the operation to watch, or None when cancelled."""
    cancelled = ctx.wait_for_external_event("cancel")
    memory = EntityInstanceId("alert_memory", entity_key(alert_id))
    while True:
        asked = {"runId": ctx.instance_id, "now": format_timestamp(now(ctx))}
        answer = yield ctx.call_entity(memory, "claim", asked, return_type=dict)
        if answer["kind"] != "wait":
            break
        yield from wait(ctx, answer["seconds"], cancelled)
        if cancelled.is_complete:
            return None
    if answer["kind"] == "use":
        return answer["operationId"], answer["requestedAt"]
    observation = yield call(ctx, "refresh_alert", {"alertId": alert_id})
    if observation["kind"] != "refreshed":
        ctx.signal_entity(memory, "gave_up", {"runId": ctx.instance_id})
        return observation["kind"]
    took = {"runId": ctx.instance_id, "now": format_timestamp(now(ctx)), **observation["refreshed"]}
    ctx.signal_entity(memory, "refreshed", took)
    return took["operationId"], took["requestedAt"]


@blueprint.orchestration_trigger(context_name="ctx")
def misuses(ctx: task.OrchestrationContext, question: list[Any]) -> Generator[task.Task[Any], Any, str]:
    """Ask what the entity refuses."""
    try:
        yield ctx.call_entity(EntityInstanceId("alert_memory", "key"), question[0], question[1])
    except task.TaskFailedError as error:
        return error.details.message
    return "taken"


def at(seconds: float) -> str:
    return format_timestamp(START + timedelta(seconds=seconds))


def run(entities: VirtualEntities, answer: Any = None, **options: Any) -> VirtualTime:
    """Run the second of two runs: the first one is called `first`."""
    took = {"kind": "refreshed", "refreshed": {"operationId": "refresh:alert", "requestedAt": at(1)}}
    time = VirtualTime(shares_a_refresh, {"refresh_alert": lambda _: answer or took}, entities=entities, **options).run(
        ALERT_ID
    )
    time.replay()
    return time


@pytest.fixture
def entities() -> VirtualEntities:
    return VirtualEntities({"alert_memory": alert_memory})


def operations(entities: VirtualEntities) -> list[str]:
    return [operation for _, operation, _ in entities.operations]


def test_a_run_that_is_alone_refreshes_and_tells(entities: VirtualEntities) -> None:
    time = run(entities, latency=timedelta(seconds=2))
    assert time.output == ["refresh:alert", at(1)]
    assert entities.state(MEMORY) == {
        "refresh": {"operationId": "refresh:alert", "requestedAt": at(1), "askedAt": at(4), "over": False},
        "claim": None,
        "known": None,
        "before": None,
    }


def test_the_next_run_uses_its_refresh(entities: VirtualEntities) -> None:
    run(entities)
    time = run(entities)
    assert (time.output, time.calls) == (["refresh:alert", at(1)], [])


def test_a_run_waits_for_the_one_that_is_at_it(entities: VirtualEntities) -> None:
    entities.operate(MEMORY, "claim", {"runId": "first", "now": at(0)})
    told = {"runId": "first", "operationId": "refresh:alert", "requestedAt": at(6), "now": at(7)}
    reported = (timedelta(seconds=7), lambda: entities.operate(MEMORY, "refreshed", told))
    time = run(entities, meanwhile=[reported])
    assert (time.output, time.calls) == (["refresh:alert", at(6)], [])
    assert time.now == START + timedelta(seconds=8)


def test_a_run_that_waits_goes_ahead_when_the_other_one_gives_up(entities: VirtualEntities) -> None:
    entities.operate(MEMORY, "claim", {"runId": "first", "now": at(0)})
    gave_up = (timedelta(seconds=7), lambda: entities.operate(MEMORY, "gave_up", {"runId": "first"}))
    time = run(entities, meanwhile=[gave_up])
    assert time.calls == [(START + timedelta(seconds=8), "refresh_alert", {"alertId": ALERT_ID})]


def test_a_run_that_died_with_its_claim_is_waited_for_a_minute(entities: VirtualEntities) -> None:
    entities.operate(MEMORY, "claim", {"runId": "first", "now": at(0)})
    time = run(entities)
    assert time.calls == [(START + timedelta(seconds=60), "refresh_alert", {"alertId": ALERT_ID})]


def test_a_run_that_is_cancelled_waits_no_longer(entities: VirtualEntities) -> None:
    entities.operate(MEMORY, "claim", {"runId": "first", "now": at(0)})
    time = run(entities, events={"cancel": timedelta(seconds=12)})
    assert (time.output, time.calls, time.now) == (None, [], START + timedelta(seconds=12))


def test_a_run_that_could_not_refresh_makes_way(entities: VirtualEntities) -> None:
    time = run(entities, {"kind": "problem"})
    assert time.output == "problem"
    assert entities.state(MEMORY)["claim"] is None
    assert operations(entities) == ["claim", "gave_up"]


@pytest.mark.parametrize(
    ("operation", "given", "reason"),
    [
        ("claim", {"runId": "a", "now": "noon"}, "`now` must be an ISO 8601 time with an offset"),
        ("claim", {"now": at(0)}, "runId"),
        ("clame", {"runId": "a", "now": at(0)}, "must be one of claim, refreshed, gave_up, over, compare, delete"),
    ],
)
def test_what_is_refused_is_told_and_changes_nothing(
    entities: VirtualEntities, operation: str, given: Any, reason: str
) -> None:
    entities.operate("@alert_memory@key", "claim", {"runId": "first", "now": at(0)})
    before = entities.state("@alert_memory@key")
    time = VirtualTime(misuses, {}, entities=entities).run([operation, given])
    assert reason in time.output
    assert entities.state("@alert_memory@key") == before


def test_a_member_that_nobody_knows_is_not_kept(entities: VirtualEntities) -> None:
    for operation in ("claim", "refreshed"):
        given = {
            "runId": "a",
            "operationId": "o",
            "requestedAt": at(0),
            "now": at(0),
            "callbackUrl": "https://x/?sig=s",
        }
        entities.operate(MEMORY, operation, given)
    assert "sig" not in str(entities.state(MEMORY))


def test_an_operator_can_make_it_forget(entities: VirtualEntities) -> None:
    run(entities)
    entities.operate(MEMORY, "delete")
    assert entities.state(MEMORY) is None
