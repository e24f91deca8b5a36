"""How long scans of one kind take, as all runs have seen it."""

from typing import Any, cast

from durabletask.entities import EntityContext

from domain.scan_durations import ScanDurations, saw
from entities import blueprint


@blueprint.entity_trigger(context_name="ctx")
def scan_durations(ctx: EntityContext, given: Any) -> None:
    """Do `saw`, or `delete`, which forgets everything. The key is `domain.alert_memory.entity_key` of the kind.

    Kinds come from the ids that callers name, but only a run that has seen a scan succeed tells of it: there are no
    more of these entities than Graph has alerts.
    """
    match ctx.operation:
        case "delete":
            ctx.set_state(None)
        case "saw":
            known = cast("ScanDurations | None", ctx.get_state(dict, {}) or None)
            ctx.set_state(saw(known, given))
        case _:
            raise ValueError("The operation must be one of saw, delete.")
