"""The state of a run: the input of the orchestration, carried whole through every continue-as-new, and its JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass, replace
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from alert_refresh.problems import Problem, is_problem
from alert_refresh.timestamps import format_timestamp, parse_timestamp

CANCEL = "cancel"
"""Name of the external event that ends a run, or the delivery of its outcome."""


LONGEST_CALLER = 256
"""Characters of the name of a caller."""


@dataclass(frozen=True)
class Target:
    """What the run works on: an alert to refresh, all alerts to refresh, or an operation to watch."""

    kind: Literal["alertId", "allAlerts", "operationId"]
    id: str = ""
    """Of the alert or the operation; "" for all alerts."""

    @property
    def refreshes(self) -> bool:
        return self.kind != "operationId"

    def dump(self) -> dict[str, Any]:
        return {self.kind: self.id or True}


@dataclass(frozen=True)
class Refreshing:
    """The next request is the refresh."""


@dataclass(frozen=True)
class Polling:
    """The run waits for the operation to end."""

    operation_id: str


@dataclass(frozen=True)
class Fetching:
    """The operation has succeeded; the run fetches the alert, or all alerts."""

    fetches: int = 0
    """Fetches so far that did not show the scan."""


@dataclass(frozen=True)
class Expiring:
    """Graph asked to wait past the deadline: there is no other request, and the deadline ends the run."""

    problem: Problem


@dataclass(frozen=True)
class Ended:
    """The run is over."""


type Phase = Refreshing | Polling | Fetching | Expiring | Ended

PHASES: Mapping[str, type[Phase]] = {each.__name__.lower(): each for each in get_args(Phase.__value__)}


def name_phase(phase: Phase) -> str:
    return type(phase).__name__.lower()


@dataclass(frozen=True)
class Wish:
    """What the caller asked for, and the settings at that time. It never changes."""

    target: Target
    created_at: datetime
    deadline: datetime
    select: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    not_before: datetime | None = None
    """An operation that ended before this time belongs to an earlier scan."""
    changes_for: str | None = None
    """The subscriber that wants to know what changed."""
    callback_url: str | None = None
    """A secret: it goes into no log, answer or custom status."""
    format: Literal["json", "teams"] = "json"
    """Of what is posted there: the outcome, or a card about it for Microsoft Teams."""
    runs_url: str | None = None
    """URL of the runs, without a key, for the link of a card; None when it is not known."""
    changes_min_severity: str | None = None
    """One of `SEVERITIES`. A change of a less severe alert is no news; None when every change is."""
    changes_ignore: tuple[str, ...] = ()
    """Ids of people, groups and apps whose incidents are no news, in lower case."""
    log_people: bool = False
    """Whether the log lines about changes name people."""
    poll_min_seconds: float = 15.0
    poll_max_seconds: float = 60.0
    incidents_limit: int = 800_000
    """Bytes of ASCII JSON that all incidents of the run may take."""
    started_by: str | None = None
    """Who signed in and started the run; None with keys, which name nobody."""

    def asks_same(self, other: "Wish") -> bool:
        """Tell whether `other` asks for the same. The time, the settings and the caller do not count."""
        mine, theirs = (
            (wish.target, wish.select, wish.expand, wish.not_before, wish.changes_for, wish.callback_url, wish.format)
            for wish in (self, other)
        )
        return mine == theirs and self.deadline - self.created_at == other.deadline - other.created_at


@dataclass(frozen=True)
class Fault:
    """The last request to Graph met a problem that may pass: the run waits for that."""

    problem: Problem
    since: datetime
    tries: int
    """Requests in a row that met a problem of this type."""


@dataclass(frozen=True)
class Run:
    """A run and its progress."""

    id: str
    wish: Wish
    phase: Phase
    requested_at: datetime | None = None
    """Graph's `Date` of the answer to this run's refresh; None when the run only watches."""
    asked_at: datetime | None = None
    """When that refresh was sent, at the earliest, by Graph's clock."""
    began_at: datetime | None = None
    """When Graph accepted the refresh, or, without one, the time of the first poll; by the hub's clock."""
    polls: int = 0
    saw_running: bool = False
    """Whether a poll showed the operation before its end."""
    operation: dict[str, Any] | None = None
    """The operation as last polled."""
    failures: int = 0
    """Requests in a row without a good answer."""
    fault: Fault | None = None
    next_poll_at: datetime | None = None
    problem: Problem | None = None
    """Of an ended run: why it ended without a result."""
    cancelled_by: str | None = None
    """Who signed in and cancelled the run."""


def make_run(run_id: str, wish: Wish) -> Run:
    """Return the first state of the run `run_id` for `wish`."""
    return Run(run_id, wish, Refreshing() if wish.target.refreshes else Polling(wish.target.id))


def end_run(run: Run, problem: Problem | None) -> Run:
    return replace(run, phase=Ended(), next_poll_at=None, fault=None, problem=problem)


def record_cancel(run: Run, event: Any) -> Run:
    """Return `run`, which took a step after the event, with who cancelled it; unchanged when it ended otherwise.

    `event` is the data of the event: an operator of the hub can send any.
    """
    is_cancelled = isinstance(event, str) and is_problem(run.problem, "run-cancelled")
    return replace(run, cancelled_by=event[:LONGEST_CALLER]) if is_cancelled else run


def dump_fault(fault: Fault) -> dict[str, Any]:
    return {"problem": fault.problem, "since": format_timestamp(fault.since), "tries": fault.tries}


def dump_run(run: Run) -> dict[str, Any]:
    """Return `run` as JSON, with the names of the fields as members. `load_run` reads it."""
    state = asdict(run, dict_factory=_dump)
    return {**state, "phase": {"name": name_phase(run.phase), **state["phase"]}}


def load_run(state: Any) -> Run:
    """Return the run that `state` is. Raises ValueError when it lacks a member, or a time cannot be read."""
    try:
        run: Run = _load(Run, state)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"this is not the state of a run: {error}") from error
    return run


def _dump(members: list[tuple[str, Any]]) -> dict[str, Any]:
    # To the microsecond: a `notBefore` that is cut shorter would let in what is older.
    texts = {name: value.isoformat() for name, value in members if isinstance(value, datetime)}
    lists = {name: list(value) for name, value in members if isinstance(value, tuple)}
    return {**dict(members), **texts, **lists}


def _load(kind: Any, value: Any) -> Any:
    """Return the `kind` that `value`, made by `_dump`, is: a type as the fields of the classes above have them."""
    if kind is Phase:
        members = dict(value)
        return _load(PHASES[members.pop("name")], members)
    if isinstance(kind, type) and is_dataclass(kind):
        return kind(**{name: _load(hint, value[name]) for name, hint in _find_hints(kind).items()})
    if get_origin(kind) is UnionType:
        return None if value is None else _load(get_args(kind)[0], value)
    if get_origin(kind) is tuple:
        return tuple(value)
    if kind is datetime and (value := parse_timestamp(value)) is None:
        raise ValueError("one of its times is not a time with an offset")
    return value


_find_hints = cache(get_type_hints)
