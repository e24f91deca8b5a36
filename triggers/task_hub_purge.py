"""Ended instances leave the durable task hub, an hour of them at a time."""

from datetime import UTC, datetime, timedelta

import azure.durable_functions as df
import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.client import OrchestrationStatus

from triggers.task_hub import TaskHubUnavailable, code_of
from triggers.task_hub_page import hub_page

ENDED = [OrchestrationStatus.COMPLETED, OrchestrationStatus.FAILED, OrchestrationStatus.TERMINATED]
WINDOW = timedelta(hours=1)
"""The hub deletes what a request names before it answers, and the host waits for 100 seconds."""
MOST_PAGES = 100
"""Pages that one purge looks at. What is left goes with the next one."""


async def purge_ended(client: df.DurableFunctionsClient, cutoff: datetime) -> int:
    """Purge the instances that ended and were created before `cutoff` (aware), and return how many they were.

    By their time and state, never by their id: Azure Storage purges by id whatever the state, and an id that ended may
    have been started anew in the meantime. Raises `TaskHubUnavailable`.
    https://github.com/Azure/durabletask/blob/main/src/DurableTask.AzureStorage/Tracking/AzureTableTrackingStore.cs
    """
    purged = 0
    for _ in range(MOST_PAGES):
        hours = await _hours_before(client, cutoff)
        gone = [await _purge(client, hour, min(hour + WINDOW, cutoff)) for hour in hours]
        purged += sum(gone)
        # A page of which nothing goes would come back for good.
        if not any(gone):
            break
    return purged


async def _hours_before(client: df.DurableFunctionsClient, cutoff: datetime) -> list[datetime]:
    """Return the hours, oldest first, that a page of what is to be purged was created in."""
    condition = pb.InstanceQuery(maxInstanceCount=100, runtimeStatus=[status.value for status in ENDED])
    condition.createdTimeTo.FromDatetime(cutoff)
    states, _ = await hub_page(client, condition)
    created = {state.created_at.replace(tzinfo=UTC) for state in states}
    return sorted({moment.replace(minute=0, second=0, microsecond=0) for moment in created if moment < cutoff})


async def _purge(client: df.DurableFunctionsClient, since: datetime, until: datetime) -> int:
    try:
        result = await client.purge_orchestrations_by(since, until, ENDED)
    except grpc.RpcError as error:
        raise TaskHubUnavailable(code_of(error)) from error
    return result.deleted_instance_count
