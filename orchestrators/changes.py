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
from orchestrators.steps import ask


def compared(ctx: task.OrchestrationContext, run: RunState, ended: Outcome) -> Generator[task.Task[Any], Any, Outcome]:
    """Return the outcome with what has changed, when the run was asked for that."""
    if not run["onlyIfChanged"] or ended.result is None:
        return ended
    found: dict[str, Changes | None] = {}
    answers = True
    for alert in alerts_of(ended.result):
        alert_id, ids = str(alert.get("id")), incident_ids(alert)
        found[alert_id] = None
        if ids is not None and answers:
            memory = EntityInstanceId("alert_memory", entity_key(alert_id))
            # A memory that is broken or silent costs the comparison, and not the alert. The others are not asked then:
            # each could be silent for as long.
            found[alert_id] = yield from ask(ctx, memory, "compare", scanned_alert(alert, ids))
            answers = found[alert_id] is not None
    return with_changes(ended.result, found)
