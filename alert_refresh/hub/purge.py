"""The purge of ended instances from the task hub, one window of creation time after the other."""

from datetime import datetime, timedelta

from durabletask.client import OrchestrationStatus

from alert_refresh.hub.client import Client, HubError, call_hub
from alert_refresh.hub.list import FIRST, list_windows

ENDED = [OrchestrationStatus.COMPLETED, OrchestrationStatus.FAILED, OrchestrationStatus.TERMINATED]
"""The statuses of every purge. The hub deletes running instances, too, when a purge names them, or names no status."""

SECONDS = 100.0
"""The hub answers when a whole window is deleted, and the host waits for 100 seconds."""

MOST_FAILURES = 3
"""Windows that fail in a row. More would keep a hub that hangs, and the function, busy for hours."""

SPANS = (*[timedelta(hours=1)] * 48, *[timedelta(days=1)] * 60)
"""A purge every night needs the windows of one day. The others are for nights without a purge."""


async def purge_ended(client: Client, cutoff: datetime) -> int:
    """Purge the instances that have ended and were created before `cutoff` (aware). Return their number.

    The purge names times and statuses, never ids: a list of large results cannot be received, and the id of an ended
    run may belong to a new one a moment later. Raises `HubError` when a window failed, after the others; after
    `MOST_FAILURES` it leaves them to the next night.
    """
    purged, failure, in_a_row = 0, None, 0
    # The upper bound of a purge is inclusive.
    for since, until in list_windows(cutoff - timedelta(microseconds=1), FIRST, SPANS):
        purge = client.purge_orchestrations_by(since, until, ENDED)
        try:
            purged, in_a_row = purged + (await call_hub(purge, SECONDS)).deleted_instance_count, 0
        except HubError as error:
            failure, in_a_row = error, in_a_row + 1
            if in_a_row == MOST_FAILURES:
                break
    if failure is not None:
        raise failure
    return purged
