"""Ended instances leave the durable task hub, by windows of the time they were created in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import azure.durable_functions as df
import grpc
from durabletask.client import OrchestrationStatus

from triggers.task_hub import TaskHubUnavailable, code_of

ENDED = [OrchestrationStatus.COMPLETED, OrchestrationStatus.FAILED, OrchestrationStatus.TERMINATED]
"""The only thing that keeps a purge from runs on their way: the hub purges every status that it is not told to keep."""

SHORTEST = timedelta(hours=1)
"""The hub deletes all of a window before it answers, and the host waits for 100 seconds."""
SHORT_WINDOWS = 24
"""A purge runs every night: what it finds is one day's instances. Older windows are empty, as a rule, and grow."""
OLDEST = datetime(2020, 1, 1, tzinfo=UTC)
"""No instance of this app is older."""


async def purge_ended(client: df.DurableFunctionsClient, cutoff: datetime) -> int:
    """Purge the instances that ended and were created before `cutoff` (aware), and return how many they were.

    Nothing is listed: a list carries outputs, and one that is too large would end the purge. Nothing is named by its
    id: an id that ended may have been started anew in the meantime. Raises `TaskHubUnavailable`.
    """
    return sum([await _purge(client, since, until) for since, until in _windows(cutoff)])


def _windows(cutoff: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield windows backwards from `cutoff`: a day by the hour, then each twice as long as the one before."""
    until, length, count = cutoff, SHORTEST, 0
    while until > OLDEST:
        yield until - length, until
        until, count = until - length, count + 1
        if count >= SHORT_WINDOWS:
            length *= 2


async def _purge(client: df.DurableFunctionsClient, since: datetime, until: datetime) -> int:
    """Purge one window, in halves when the hub does not get through with it."""
    try:
        result = await client.purge_orchestrations_by(since, until, ENDED)
    except grpc.RpcError as error:
        if code_of(error) is grpc.StatusCode.UNAVAILABLE or until - since <= SHORTEST:
            raise TaskHubUnavailable(code_of(error)) from error
    else:
        return result.deleted_instance_count
    middle = since + (until - since) / 2
    return await _purge(client, middle, until) + await _purge(client, since, middle)
