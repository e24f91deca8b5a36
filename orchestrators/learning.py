"""Runs learn how long scans take: what one has seen, the entity of that kind of scan keeps for the next ones."""

from durabletask import task
from durabletask.entities import EntityInstanceId

from domain.alert_memory import entity_key
from domain.run_state import RunState
from domain.scan_durations import scan_seen


def tell_seen(ctx: task.OrchestrationContext, before: RunState, run: RunState) -> None:
    """Let the entity know how long the scan took, when the look that moved `before` on to `run` has shown its end."""
    scan = scan_seen(before, run) if run["learning"] else None
    if scan is not None:
        ctx.signal_entity(EntityInstanceId("scan_durations", entity_key(scan["kind"])), "saw", scan)
