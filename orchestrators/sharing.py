"""Runs of one alert share a scan: the entity that remembers the alert says whose turn it is to refresh."""

from collections.abc import Generator
from typing import Any

from durabletask import task
from durabletask.entities import EntityInstanceId

from domain.alert_memory import entity_key
from domain.next_look import next_look
from domain.observation import Observation
from domain.refresh_sharing import Use, Wait, shared
from domain.run_state import RunState
from domain.timestamps import format_timestamp
from orchestrators.steps import ask, call, now


def look(ctx: task.OrchestrationContext, run: RunState) -> Generator[task.Task[Any], Any, Observation]:
    """Make the run's next look, or take part in what another run is about to see."""
    memory = _memory(run)
    if run["phase"] != "refreshing" or memory is None:
        observation: Observation = yield call(ctx, *next_look(run))
        return observation
    turn = yield from _turn(ctx, memory)
    if turn is not None:
        return shared(turn)
    observation = yield call(ctx, *next_look(run))
    if observation["kind"] == "refreshed":
        told = {**observation["refreshed"], "runId": ctx.instance_id, "now": format_timestamp(now(ctx))}
        ctx.signal_entity(memory, "refreshed", told)
    return observation


def give_up(ctx: task.OrchestrationContext, run: RunState) -> None:
    """Let the entity know that a run has ended without its refresh: others need not wait for it."""
    memory = _memory(run)
    if memory is not None and run["phase"] == "refreshing":
        ctx.signal_entity(memory, "gave_up", {"runId": ctx.instance_id})


def tell_over(ctx: task.OrchestrationContext, run: RunState) -> None:
    """Let the entity know that the scan of the run has ended: it is too old for who comes now."""
    memory = _memory(run)
    if memory is not None and run["requestedAt"] is not None:
        ctx.signal_entity(memory, "over", {"operationId": run["operationId"], "requestedAt": run["requestedAt"]})


def _turn(
    ctx: task.OrchestrationContext, memory: EntityInstanceId
) -> Generator[task.Task[Any], Any, Use | Wait | None]:
    """Return what there is to share, or None when it is this run that refreshes."""
    claim = {"runId": ctx.instance_id, "now": format_timestamp(now(ctx))}
    # Sharing saves a scan. A memory that is broken or silent costs one, and not the run.
    turn = yield from ask(ctx, memory, "claim", claim)
    return None if turn is None or turn["kind"] == "refresh" else turn


def _memory(run: RunState) -> EntityInstanceId | None:
    alert_id = run["target"].get("alertId")
    return None if alert_id is None else EntityInstanceId("alert_memory", entity_key(alert_id))
