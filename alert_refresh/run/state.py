"""The state of a run: the input of the orchestration, carried whole through every continue-as-new, and its JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import UnionType
from typing import Any, Literal

from alert_refresh.problems import Problem
from alert_refresh.timestamps import format_timestamp, parse_timestamp

CANCEL = "cancel"
"""Name of the external event that ends a run, or the delivery of its outcome."""


@dataclass(frozen=True)
class Target:
    """What the run is about: an alert to refresh, all alerts to refresh, or an operation to watch."""

    kind: Literal["alertId", "allAlerts", "operationId"]
    id: str = ""
    """Of the alert or the operation; "" for all alerts."""

    @property
    def refreshes(self) -> bool:
        return self.kind != "operationId"

    def dump(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        return {self.kind: self.id or True}


@dataclass(frozen=True)
class Refreshing:
    """The run must still ask Graph to refresh."""


@dataclass(frozen=True)
class Polling:
    """The run waits for the operation to end."""

    operation_id: str


@dataclass(frozen=True)
class Fetching:
    """The operation has succeeded; the run fetches the alert, or all alerts."""

    operation_id: str
    fetches: int = 0
    """Fetches so far that did not show the scan."""


@dataclass(frozen=True)
class Expiring:
    """Graph asked to wait past the deadline: nothing is asked any more, and the deadline ends the run."""

    problem: Problem


@dataclass(frozen=True)
class Ended:
    """The run is over."""


type Phase = Refreshing | Polling | Fetching | Expiring | Ended

PHASES: Mapping[str, type[Phase]] = {
    phase.__name__.lower(): phase for phase in (Refreshing, Polling, Fetching, Expiring, Ended)
}


def name_phase(phase: Phase) -> str:
    """Return the word for `phase`, as in `PHASES`."""
    return type(phase).__name__.lower()


@dataclass(frozen=True)
class Wish:
    """What the caller asked for and the settings of that moment; none of it changes."""

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
    poll_min_seconds: float = 15.0
    poll_max_seconds: float = 60.0
    incidents_limit: int = 800_000
    """Bytes of ASCII JSON that all incidents of the run may take."""

    def asks_same(self, other: "Wish") -> bool:
        """Tell whether `other` asks for the same, at whatever time and with whatever settings."""
        mine, theirs = (
            (wish.target, wish.select, wish.expand, wish.not_before, wish.changes_for, wish.callback_url)
            for wish in (self, other)
        )
        return mine == theirs and self.deadline - self.created_at == other.deadline - other.created_at


@dataclass(frozen=True)
class Fault:
    """What the run waits for: the last request to Graph met a problem that waiting may help."""

    problem: Problem
    since: datetime
    tries: int
    """Requests in a row that met a problem of this type."""


@dataclass(frozen=True)
class Run:
    """A run, and how far it has come."""

    id: str
    wish: Wish
    phase: Phase
    requested_at: datetime | None = None
    """Graph's `Date` of the answer to this run's refresh; None when the run only watches."""
    began_at: datetime | None = None
    """When the refresh was accepted, or else when the operation was first polled, by the hub's clock."""
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

    @property
    def answered(self) -> bool:
        """Whether Graph has given this run a good answer."""
        return self.requested_at is not None or self.operation is not None


def make_run(run_id: str, wish: Wish) -> Run:
    """Return the first state of the run `run_id` for `wish`."""
    return Run(run_id, wish, Refreshing() if wish.target.refreshes else Polling(wish.target.id))


def dump_run(run: Run) -> dict[str, Any]:
    """Return `run` as JSON. `load_run` reads it."""
    wish = run.wish
    return {
        "id": run.id,
        "target": wish.target.dump(),
        "createdAt": format_timestamp(wish.created_at),
        "deadline": format_timestamp(wish.deadline),
        "select": list(wish.select),
        "expand": list(wish.expand),
        "notBefore": _dump_moment(wish.not_before),
        "changesFor": wish.changes_for,
        "callbackUrl": wish.callback_url,
        "pollMinSeconds": wish.poll_min_seconds,
        "pollMaxSeconds": wish.poll_max_seconds,
        "incidentsLimit": wish.incidents_limit,
        "phase": {"name": name_phase(run.phase), **vars(run.phase)},
        "requestedAt": _dump_moment(run.requested_at),
        "beganAt": _dump_moment(run.began_at),
        "polls": run.polls,
        "sawRunning": run.saw_running,
        "operation": run.operation,
        "failures": run.failures,
        "fault": None if run.fault is None else dump_fault(run.fault),
        "nextPollAt": _dump_moment(run.next_poll_at),
        "problem": run.problem,
    }


def dump_fault(fault: Fault) -> dict[str, Any]:
    """Return `fault` as JSON, and as the API shows it."""
    return {"problem": fault.problem, "since": format_timestamp(fault.since), "tries": fault.tries}


TYPES: Mapping[str, type | UnionType] = {
    **dict.fromkeys(("id",), str),
    **dict.fromkeys(("target", "phase"), dict),
    **dict.fromkeys(("select", "expand"), list),
    **dict.fromkeys(("changesFor", "callbackUrl"), str | None),
    **dict.fromkeys(("pollMinSeconds", "pollMaxSeconds"), float | int),
    **dict.fromkeys(("incidentsLimit", "polls", "failures"), int),
    **dict.fromkeys(("sawRunning",), bool),
    **dict.fromkeys(("operation", "fault", "problem"), dict | None),
}
"""Types of the members of a state that are no times."""


def load_run(state: Mapping[str, Any]) -> Run:
    """Return the run that `state`, made by `dump_run`, is. Raises ValueError when it is not one."""
    members = state if isinstance(state, Mapping) else {}
    if wrong := [name for name, types in TYPES.items() if not isinstance(members.get(name), types)]:
        raise ValueError(f"this is not the state of a run: {', '.join(wrong)}")
    try:
        [(kind, target_id)] = state["target"].items()
        phase, fault = dict(state["phase"]), state["fault"]
        return Run(
            id=state["id"],
            wish=Wish(
                target=Target(kind, "" if target_id is True else target_id),
                created_at=_load_moment(state["createdAt"]),
                deadline=_load_moment(state["deadline"]),
                select=tuple(state["select"]),
                expand=tuple(state["expand"]),
                not_before=_load_optional(state["notBefore"]),
                changes_for=state["changesFor"],
                callback_url=state["callbackUrl"],
                poll_min_seconds=state["pollMinSeconds"],
                poll_max_seconds=state["pollMaxSeconds"],
                incidents_limit=state["incidentsLimit"],
            ),
            phase=PHASES[phase.pop("name")](**phase),
            requested_at=_load_optional(state["requestedAt"]),
            began_at=_load_optional(state["beganAt"]),
            polls=state["polls"],
            saw_running=state["sawRunning"],
            operation=state["operation"],
            failures=state["failures"],
            fault=fault and Fault(fault["problem"], _load_moment(fault["since"]), fault["tries"]),
            next_poll_at=_load_optional(state["nextPollAt"]),
            problem=state["problem"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"this is not the state of a run: {error}") from error


def _dump_moment(moment: datetime | None) -> str | None:
    return None if moment is None else format_timestamp(moment)


def _load_optional(text: object) -> datetime | None:
    return None if text is None else _load_moment(text)


def _load_moment(text: object) -> datetime:
    moment = parse_timestamp(text)
    if moment is None:
        raise ValueError(f"{text!r} is not a time")
    return moment
