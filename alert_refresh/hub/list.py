"""Runs, newest first: the hub lists by id, so the list walks backwards through windows of creation time.

The SDK's own query reads the whole hub, and one bad instance breaks it. A page of the hub always has the outputs of its
instances, and a gRPC message holds 4 MB. So the pages shrink until they fit.
"""

import base64
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.client import OrchestrationState, parse_orchestration_state
from grpc import StatusCode

from alert_refresh.hub.client import ORCHESTRATOR, Client, HubError, call_hub, is_run_id, parse_instance, read_state
from alert_refresh.run.documents import STATES, Instance, State, find_state
from alert_refresh.settings import LONGEST_RUN_SECONDS

DEFAULT_PAGE = 50
PAGE_SIZE = 100
"""Instances that the hub is asked for at once."""

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


class Place(NamedTuple):
    """The place of a run in the list."""

    created_at: datetime
    id: str


class RunQuery(NamedTuple):
    """Which runs to list: created at `created_from` or later, and before `created_before`. None is no bound."""

    states: frozenset[State] | None = None
    """None is all states."""
    created_from: datetime | None = None
    created_before: datetime | None = None
    page_size: int = DEFAULT_PAGE
    after: Place | None = None
    """The last run of the page before; None for the first page."""
    alert: str | None = None
    """Short name or id of the alert that the target of a run names; None is every target."""


async def list_runs(client: Client, wanted: RunQuery, now: datetime) -> tuple[list[Instance | Place], Place | None]:
    """Return a page of runs, newest first, and the place of the last one, which is None on the last page.

    A run that is too large to be received is its place, with the hub's own time of creation. Raises `HubError`.
    """
    runs: list[Instance | Place] = []
    bounds = (wanted.after and wanted.after.created_at, wanted.created_before, now + SKEW)
    newest = min(bound for bound in bounds if bound)
    for since, until in list_windows(newest, max(wanted.created_from or FIRST, FIRST), SPANS):
        found: list[Instance | Place] = []
        async for state in _read_instances(client, _make_condition(wanted, since, until, now)):
            run = await _find_unreadable(client, state) if isinstance(state, str) else parse_instance(state)
            if run and since <= _find_place(run).created_at <= until and _admits(wanted, run, now):
                found.append(run)
        runs += sorted(found, key=_find_place, reverse=True)
        if len(runs) > wanted.page_size:
            return runs[: wanted.page_size], _find_place(runs[wanted.page_size - 1])
    return runs, None


async def _find_unreadable(client: Client, instance_id: str) -> Place | None:
    """Return the place of the run with this id; None for an instance that is no run."""
    state = await read_state(client, instance_id, payloads=False) if is_run_id(instance_id) else None
    if state is None or state.name != ORCHESTRATOR:
        return None
    return Place(state.created_at.replace(tzinfo=state.created_at.tzinfo or UTC), instance_id)


def _make_condition(wanted: RunQuery, since: datetime, until: datetime, now: datetime) -> pb.InstanceQuery:
    """Return the part of the filter that the hub can apply. It may let other runs through."""
    condition = pb.InstanceQuery(fetchInputsAndOutputs=True)
    if wanted.states is not None:
        statuses = [status for status, state in STATES.items() if wanted.states & POSSIBLE[state]]
        condition.runtimeStatus.extend(getattr(pb, f"ORCHESTRATION_STATUS_{status}") for status in statuses)
    condition.createdTimeFrom.FromDatetime(since - SKEW)
    if until + MOVES < now:
        condition.createdTimeTo.FromDatetime(until + MOVES)
    return condition


def _admits(wanted: RunQuery, run: Instance | Place, now: datetime) -> bool:
    place = _find_place(run)
    if wanted.created_before and place.created_at >= wanted.created_before:
        return False
    if wanted.alert and (isinstance(run, Place) or find_name(run.run.wish.target.id) != find_name(wanted.alert)):
        return False
    # The hub has compared the status of a run that is too large. Nothing more is known of it.
    fits = wanted.states is None or isinstance(run, Place) or find_state(run, now) in wanted.states
    return fits and (wanted.after is None or place < wanted.after)


def find_name(graph_id: str) -> str:
    """Return the name, in lower case, at the end of the id of an alert or of its operation; an id without one whole."""
    return (graph_id.rpartition("_")[2] or graph_id).lower()


def _find_place(run: Instance | Place) -> Place:
    return run if isinstance(run, Place) else Place(run.run.wish.created_at, run.id)


def list_windows(newest: datetime, oldest: datetime, spans: Sequence[timedelta]) -> Iterator[tuple[datetime, datetime]]:
    """Yield windows of the lengths `spans` from `newest` back, and one with the rest up to `oldest`.

    A window includes both its bounds, and no two windows overlap.
    """
    until = newest
    for span in (*spans, newest - oldest):
        # A bound of the caller's can be near the first year: there is no time before that.
        if until < oldest:
            return
        since = max(oldest, until - span)
        yield since, until
        until = since - timedelta(microseconds=1)


async def _read_instances(client: Client, condition: pb.InstanceQuery) -> AsyncIterator[OrchestrationState | str]:
    """Yield the instances that match `condition`, in the hub's order, and the ids of those that are too large.

    An instance with a status that the SDK does not know is left out.
    """
    size, token = PAGE_SIZE, ""
    while True:
        try:
            page = await _query(client, condition, size, token)
        except HubError as error:
            if error.code is not StatusCode.RESOURCE_EXHAUSTED:
                raise
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
            # A status that the SDK does not know. With Azure Storage, the rest of a purged instance has -1.
            with suppress(ValueError):
                yield parse_orchestration_state(state)
        following = page.continuationToken.value
        # The SDK, too, takes "0", and a token that is the same as before, for the end.
        if following in {"", "0", token}:
            return
        token, size = following, min(PAGE_SIZE, size * 2)


async def _find_next_id(client: Client, condition: pb.InstanceQuery, token: str) -> str:
    """Return the id of the first instance after `token`. The hub names it in the token of a page without instances.

    In Azure Storage a token is an id in base64, and the list goes on with the first id that is not smaller.
    """
    page = await _query(client, condition, 0, token)
    try:
        instance_id = base64.b64decode(page.continuationToken.value, validate=True).decode()
    except ValueError:
        instance_id = ""
    if not instance_id:
        raise HubError("one instance is too large to be received, and its id is not known")
    return instance_id


async def _query(client: Client, condition: pb.InstanceQuery, size: int, token: str) -> pb.QueryInstancesResponse:
    query = pb.InstanceQuery(maxInstanceCount=size)
    query.MergeFrom(condition)
    if token:
        query.continuationToken.value = token
    # The only private access: the public client has no call with a continuation token.
    # https://github.com/microsoft/durabletask-python/blob/main/durabletask/client.py (get_all_orchestration_states)
    stub = client._get_stub()  # noqa: SLF001
    page: pb.QueryInstancesResponse = await call_hub(stub.QueryInstances(pb.QueryInstancesRequest(query=query)))
    return page
