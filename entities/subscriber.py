"""The baseline of a subscriber: the alerts that it got last. The key of the entity is the subscriber's name."""

from typing import Any

from durabletask.entities import EntityContext

from alert_refresh.app import app
from alert_refresh.run.changes import Baseline, compare, give


@app.entity_trigger(context_name="ctx")
def subscriber(ctx: EntityContext, scans: Baseline) -> Any:
    """Do one operation. `compare` returns what changed; `give` adds `scans` to the baseline; `delete` deletes it.

    An operation that raises does not change the state.
    https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-entities
    """
    baseline: Baseline = ctx.get_state(dict, {})
    match ctx.operation:
        case "compare":
            return compare(baseline, scans)
        case "give":
            ctx.set_state(give(baseline, scans))
            return {}
        case "delete":
            ctx.set_state(None)
            return {}
        case _:
            raise ValueError("The operation must be one of compare, give, delete.")
