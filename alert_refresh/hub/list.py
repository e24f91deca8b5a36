"""Runs, newest first: the hub lists by id, so the list walks backwards through windows of creation time."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import azure.durable_functions as df
import durabletask.internal.orchestrator_service_pb2 as pb

from alert_refresh.hub.client import ORCHESTRATOR, call_hub, is_run_id, parse_instance
from alert_refresh.hub.pages import Unreadable, read_instances
from alert_refresh.run.documents import STATES, Instance, State, find_state
from alert_refresh.settings import LONGEST_RUN_SECONDS

SPANS = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))
"""Lengths of the windows, from the newest one backwards. One more window has all that is older."""

FIRST = datetime(2020, 1, 1, tzinfo=UTC)
"""Older than every run. Table storage has no time before 1601, and SQL Server none before 1753."""

SKEW = timedelta(minutes=5)
"""The app sets the time of a run and the hub sets the time of its instance; their clocks may differ by this."""

MOVES = timedelta(seconds=LONGEST_RUN_SECONDS) + SKEW
"""Each continue-as-new sets the hub's time of creation anew, so an instance may be this much younger than its run.
https://github.com/Azure/durabletask/blob/main/src/DurableTask.AzureStorage/Tracking/AzureTableTrackingStore.cs"""


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


class RunList(NamedTuple):
    """A page of runs."""

    runs: list[Instance | UnreadableRun]
    after: Place | None
    """The last run on this page; None when it is the last page."""


async def list_runs(
    client: df.DurableFunctionsClient, wanted: RunFilter, page_size: int, after: Place | None, now: datetime
) -> RunList:
    """Return up to `page_size` runs after the place `after`, newest first. Raises `HubUnavailable`."""
    runs: list[Instance | UnreadableRun] = []
    bounds = (after and after.created_at, wanted.created_before, now + SKEW)
    newest = min(bound for bound in bounds if bound)
    for since, until in list_windows(newest, max(wanted.created_from or FIRST, FIRST), SPANS):
        found: list[Instance | UnreadableRun] = []
        async for state in read_instances(client, _make_condition(wanted, since, until, now)):
            run = await _find_unreadable(client, state) if isinstance(state, Unreadable) else parse_instance(state)
            if run is None or not since <= _find_place(run).created_at <= until:
                continue
            if _admits(wanted, run, now) and (after is None or _find_place(run) < after):
                found.append(run)
        runs += sorted(found, key=_find_place, reverse=True)
        if len(runs) > page_size:
            return RunList(runs[:page_size], _find_place(runs[page_size - 1]))
    return RunList(runs, None)


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
    condition.runtimeStatus.extend(getattr(pb, f"ORCHESTRATION_STATUS_{status}") for status in _list_statuses(wanted))
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


def _list_statuses(wanted: RunFilter) -> list[str]:
    """Return the durable statuses that runs in the wanted states can have; an empty list stands for all."""
    if wanted.states is None:
        return []
    ended = {"succeeded", "failed", "timedOut", "cancelled"}
    alive = bool(wanted.states - ended) or "timedOut" in wanted.states
    special = {"cancelled": "succeeded", "timedOut": "failed"}
    plain = wanted.states | {special[state] for state in wanted.states & special.keys()}
    return [status for status, state in STATES.items() if (alive if state is None else state in plain)]


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
