"""The memory of one alert, shared by all its runs."""

from collections.abc import Callable, Mapping
from typing import Any

from durabletask.entities import EntityContext

from domain.alert_memory import NOTHING, AlertMemory, compare
from domain.refresh_sharing import claim, gave_up, over, refreshed
from entities import blueprint

OPERATIONS: Mapping[str, Callable[[AlertMemory, Any], tuple[AlertMemory, Any]]] = {
    "claim": claim,
    "refreshed": refreshed,
    "gave_up": gave_up,
    "over": over,
    "compare": compare,
}


@blueprint.entity_trigger(context_name="ctx")
def alert_memory(ctx: EntityContext, given: dict[str, Any]) -> Any:
    """Do one operation; `delete` forgets everything. The key is `domain.alert_memory.entity_key` of the alert's id.

    An operation that raises leaves the memory as it was. The task hub runs one at a time, and never again what has
    succeeded: an entity may read any clock, but the time in the question is the one that its asker goes by.
    https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-entities
    """
    if ctx.operation == "delete":
        ctx.set_state(None)
        return None
    if ctx.operation not in OPERATIONS:
        raise ValueError(f"The operation must be one of {', '.join([*OPERATIONS, 'delete'])}.")
    memory, answer = OPERATIONS[ctx.operation]({**NOTHING, **ctx.get_state(dict, {})}, given)
    ctx.set_state(memory)
    return answer
