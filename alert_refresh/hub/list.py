"""Runs, newest first: the hub lists by id, so the list walks backwards through windows of creation time.

The SDK's own query reads the whole hub, and one bad instance breaks it. A page of the hub always has the outputs of its
instances, and a gRPC message holds 4 MB. So the pages shrink until they fit.
"""

import base64
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import azure.durable_functions as df
import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.client import OrchestrationState, parse_orchestration_state

from alert_refresh.hub.client import (
    ORCHESTRATOR,
    HubUnavailable,
    MessageTooLarge,
    call_hub,
    is_run_id,
    parse_instance,
)
from alert_refresh.run.documents import STATES, Instance, State, find_state
from alert_refresh.settings import LONGEST_RUN_SECONDS

PAGE_SIZE = 100
"""Instances that are asked for at once."""

SPANS = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))
"""Lengths of the windows, from the newest one backwards. One more window has all that is older."""

FIRST = datetime(2020, 1, 1, tzinfo=UTC)
"""Older than every run. Table storage has no time before 1601, and SQL Server none before 1753."""

SKEW = timedelta(minutes=5)
"""The app sets the time of a run and the hub sets the time of its instance; their clocks may differ by this."""

MOVES = timedelta(seconds=LONGEST_RUN_SECONDS) + SKEW
"""Each continue-as-new sets the hub's time of creation anew, so an instance may be this much younger than its run.
https://github.com/Azure/durabletask/blob/main/src/DurableTask.AzureStorage/Tracking/AzureTableTrackingStore.cs"""


POSSIBLE: Mapping[State | None, set[State]] = {
    None: {"queued", "refreshing", "polling", "fetching", "timedOut"},
    "succeeded": {"succeeded", "cancelled"},
    "failed": {"failed", "timedOut"},
    "cancelled": {"cancelled"},
}
"""What `STATES` says of a durable status → the states of runs with that status."""


class RunFilter(NamedTuple):
    """Which runs to list: created at `created_from` or later, and before `created_before`. None is no bound."""

    states: frozenset[State] | None = None
    """None is all states."""
    created_from: datetime | None = None
    created_before: datetime | None = None


class Place(NamedTuple):
    """The last run on a page."""

    created_at: datetime
    id: str


class UnreadableRun(NamedTuple):
    """A run that is too large to be received."""

    id: str
    created_at: datetime
    """The hub's own time of creation."""


async def list_runs(
    client: df.DurableFunctionsClient, wanted: RunFilter, page_size: int, after: Place | None, now: datetime
) -> tuple[list[Instance | UnreadableRun], Place | None]:
    """Return up to `page_size` runs after the place `after`, newest first, and the place of the last one.

    The place is None on the last page. Raises `HubUnavailable`.
    """
    runs: list[Instance | UnreadableRun] = []
    bounds = (after and after.created_at, wanted.created_before, now + SKEW)
    newest = min(bound for bound in bounds if bound)
    for since, until in list_windows(newest, max(wanted.created_from or FIRST, FIRST), SPANS):
        found: list[Instance | UnreadableRun] = []
        async for state in _read_instances(client, _make_condition(wanted, since, until, now)):
            run = await _find_unreadable(client, state) if isinstance(state, str) else parse_instance(state)
            if run is None or not since <= _find_place(run).created_at <= until:
                continue
            if _admits(wanted, run, now) and (after is None or _find_place(run) < after):
                found.append(run)
        runs += sorted(found, key=_find_place, reverse=True)
        if len(runs) > page_size:
            return runs[:page_size], _find_place(runs[page_size - 1])
    return runs, None


async def _find_unreadable(client: df.DurableFunctionsClient, instance_id: str) -> UnreadableRun | None:
    """Return the run with this id; None for an instance that is no run."""
    if not is_run_id(instance_id):
        return None
    state = await call_hub(client.get_orchestration_state(instance_id, fetch_payloads=False))
    if state is None or state.name != ORCHESTRATOR:
        return None
    return UnreadableRun(instance_id, state.created_at.replace(tzinfo=state.created_at.tzinfo or UTC))


def _make_condition(wanted: RunFilter, since: datetime, until: datetime, now: datetime) -> pb.InstanceQuery:
    """Return the part of the filter that the hub can apply. It may let other runs through."""
    condition = pb.InstanceQuery(fetchInputsAndOutputs=True)
    if wanted.states is not None:
        statuses = [status for status, state in STATES.items() if wanted.states & POSSIBLE[state]]
        condition.runtimeStatus.extend(getattr(pb, f"ORCHESTRATION_STATUS_{status}") for status in statuses)
    condition.createdTimeFrom.FromDatetime(since - SKEW)
    if until + MOVES < now:
        condition.createdTimeTo.FromDatetime(until + MOVES)
    return condition


def _admits(wanted: RunFilter, run: Instance | UnreadableRun, now: datetime) -> bool:
    if wanted.created_before and _find_place(run).created_at >= wanted.created_before:
        return False
    # The hub has compared the status of an unreadable run. Nothing more is known of it.
    return wanted.states is None or isinstance(run, UnreadableRun) or find_state(run, now) in wanted.states


def _find_place(run: Instance | UnreadableRun) -> Place:
    return Place(run.created_at if isinstance(run, UnreadableRun) else run.run.wish.created_at, run.id)


def list_windows(newest: datetime, oldest: datetime, spans: Sequence[timedelta]) -> Iterator[tuple[datetime, datetime]]:
    """Yield windows of the lengths `spans` from `newest` back, and one with the rest up to `oldest`.

    A window includes both its bounds, and no two windows overlap.
    """
    until = newest
    for span in spans:
        if until < oldest:
            return
        # A bound of the caller's can be near the first year: there is no time before that.
        since = max(oldest, until - span)
        yield since, until
        until = since - timedelta(microseconds=1)
    if until >= oldest:
        yield oldest, until


async def _read_instances(
    client: df.DurableFunctionsClient, condition: pb.InstanceQuery
) -> AsyncIterator[OrchestrationState | str]:
    """Yield the instances that match `condition`, in the hub's order, and the ids of those that are too large.

    An instance with a status that the SDK does not know is left out.
    """
    size, token = PAGE_SIZE, ""
    while True:
        try:
            page = await _query(client, condition, size, token)
        except MessageTooLarge:
            if size > 1:
                size //= 2
                continue
            instance_id = await _find_next_id(client, condition, token)
            yield instance_id
            # No key of Azure Storage has a control character, so no id is between an id and the same id with a blank.
            # https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
            token = base64.b64encode(f"{instance_id} ".encode()).decode()
            continue
        for state in page.orchestrationState:
            if (parsed := _parse(state)) is not None:
                yield parsed
        following = page.continuationToken.value
        # The SDK, too, takes "0", and a token that is the same as before, for the end.
        if following in {"", "0", token}:
            return
        token, size = following, min(PAGE_SIZE, size * 2)


async def _find_next_id(client: df.DurableFunctionsClient, condition: pb.InstanceQuery, token: str) -> str:
    """Return the id of the first instance after `token`. The hub names it in the token of a page without instances.

    In Azure Storage a token is an id in base64, and the list goes on with the first id that is not smaller.
    """
    page = await _query(client, condition, 0, token)
    try:
        instance_id = base64.b64decode(page.continuationToken.value, validate=True).decode()
    except ValueError:
        instance_id = ""
    if not instance_id:
        raise HubUnavailable("one instance is too large to be received, and its id is not known")
    return instance_id


async def _query(
    client: df.DurableFunctionsClient, condition: pb.InstanceQuery, size: int, token: str
) -> pb.QueryInstancesResponse:
    query = pb.InstanceQuery()
    query.CopyFrom(condition)
    query.maxInstanceCount = size
    if token:
        query.continuationToken.value = token
    # The only private access: the public client has no call with a continuation token.
    # https://github.com/microsoft/durabletask-python/blob/main/durabletask/client.py (get_all_orchestration_states)
    stub = client._get_stub()  # noqa: SLF001
    page: pb.QueryInstancesResponse = await call_hub(stub.QueryInstances(pb.QueryInstancesRequest(query=query)))
    return page


def _parse(state: pb.OrchestrationState) -> OrchestrationState | None:
    try:
        return parse_orchestration_state(state)
    except ValueError:
        # A status that the SDK does not know. With Azure Storage, the rest of a purged instance has -1.
        return None
