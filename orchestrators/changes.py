"""What a run found changed since the last one: the entities that remember the alerts compare."""

from collections.abc import Generator
from typing import Any

from durabletask import task
from durabletask.entities import EntityInstanceId

from domain.alert_changes import Changes, scanned_alert
from domain.alert_memory import entity_key
from domain.incidents import incident_ids
from domain.outcome import Outcome, alerts_of, with_changes
from domain.run_state import RunState


def compared(ctx: task.OrchestrationContext, run: RunState, ended: Outcome) -> Generator[task.Task[Any], Any, Outcome]:
    """Return the outcome with what has changed, when the run was asked for that."""
    if not run["onlyIfChanged"] or ended.result is None:
        return ended
    found: dict[str, Changes | None] = {}
    for alert in alerts_of(ended.result):
        alert_id, ids = str(alert.get("id")), incident_ids(alert)
        found[alert_id] = None
        if ids is not None:
            memory = EntityInstanceId("alert_memory", entity_key(alert_id))
            try:
                found[alert_id] = yield ctx.call_entity(memory, "compare", scanned_alert(alert, ids), return_type=dict)
            except task.TaskFailedError:
                # A memory that is broken costs the comparison, and not the alert.
                continue
    return with_changes(ended.result, found)
