"""Runs in the durable task hub, page by page."""

from datetime import UTC, datetime, timedelta

import azure.durable_functions as df
import durabletask.internal.orchestrator_service_pb2 as pb

from domain.instance import Instance, UnreadableRun
from domain.run_filter import EVERY_STATUS, RunFilter
from triggers.run_of import run_of, unreadable_run_of
from triggers.task_hub_page import hub_page

HUB_PAGES = 10
"""Pages of the hub that one request reads at most, however few runs they hold."""

CLOCK_SKEW = timedelta(minutes=5)
"""A run is dated by the app and its instance by the hub, a moment later: by clocks that may differ."""

NO_RUN_BEFORE = datetime(2020, 1, 1, tzinfo=UTC)
"""Table storage knows no time before 1601, SQL Server none before 1753: an older bound would be an error of theirs."""


async def query_runs(
    client: df.DurableFunctionsClient, chosen: RunFilter, page_size: int, hub_token: str | None
) -> tuple[list[Instance | UnreadableRun], str | None]:
    """Return up to `page_size` runs, and the hub's token for what follows them; None when nothing does.

    Raises `TaskHubUnavailable`. The order is the hub's, and so is what a token holds on to. Azure Storage orders by
    instance id, which is no order that a caller knows, and its token names the id to go on from: a run is neither lost
    nor repeated, whatever happens to others in the meantime.
    """
    condition = _condition(chosen)
    found: list[Instance | UnreadableRun] = []
    largest = page_size
    for _ in range(HUB_PAGES):
        # Exactly as many as are missing: a token can only name the end of a hub's page, not a place within it.
        condition.maxInstanceCount = min(largest, page_size - len(found))
        if hub_token:
            condition.continuationToken.value = hub_token
        page = await hub_page(client, condition)
        hub_token, largest = page.token, 2 * page.size
        found += [run for run in map(run_of, page.states) if run and chosen.admits(run)]
        if page.unreadable and (run := unreadable_run_of(page.unreadable)) and chosen.admits_unreadable(run):
            found.append(run)
        if hub_token is None or len(found) >= page_size:
            break
    return found, hub_token


def _condition(chosen: RunFilter) -> pb.InstanceQuery:
    """Return the hub's part of the filter: it may let more through, never less."""
    condition = pb.InstanceQuery(fetchInputsAndOutputs=True)
    if chosen.statuses != EVERY_STATUS:
        condition.runtimeStatus.extend(getattr(pb, f"ORCHESTRATION_STATUS_{status}") for status in chosen.statuses)
    # No createdTimeTo: each continue-as-new moves the hub's time of creation on.
    # https://github.com/Azure/durabletask/blob/main/src/DurableTask.AzureStorage/Tracking/AzureTableTrackingStore.cs
    if chosen.created_from and chosen.created_from > NO_RUN_BEFORE:
        condition.createdTimeFrom.FromDatetime(chosen.created_from - CLOCK_SKEW)
    return condition
