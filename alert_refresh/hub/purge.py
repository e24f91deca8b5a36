"""Ended instances leave the task hub, a window of creation time after the other."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import azure.durable_functions as df
from durabletask.client import OrchestrationStatus

from alert_refresh.hub.client import call_hub

ENDED = [OrchestrationStatus.COMPLETED, OrchestrationStatus.FAILED, OrchestrationStatus.TERMINATED]
"""Named in every purge. The hub deletes what a purge names, running instances too; without a status it deletes all."""

SECONDS = 100.0
"""The hub deletes a whole window before it answers, and the host waits for 100 seconds."""

FIRST = datetime(2020, 1, 1, tzinfo=UTC)
SPANS = (*[timedelta(hours=1)] * 48, *[timedelta(days=1)] * 60)
"""A purge every night finds the last day. The windows behind are for nights that were missed."""


async def purge_ended(client: df.DurableFunctionsClient, cutoff: datetime) -> int:
    """Purge the instances that ended and were created before `cutoff` (aware); return how many they were.

    By time and status, never after a list and never by id: a list of large results cannot be received, and an id that
    ended can have been started anew. Raises `HubUnavailable`; what is left is purged the next time.
    """
    purged = 0
    for since, until in _list_windows(cutoff):
        # The upper bound of a purge is inclusive.
        result = await call_hub(
            client.purge_orchestrations_by(since, until - timedelta(microseconds=1), ENDED), SECONDS
        )
        purged += result.deleted_instance_count
    return purged


def _list_windows(cutoff: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield windows from `cutoff` back to `FIRST`, each with its end out."""
    until = cutoff
    for span in SPANS:
        if until <= FIRST:
            return
        yield max(FIRST, until - span), until
        until -= span
    if until > FIRST:
        yield FIRST, until
