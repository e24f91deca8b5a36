"""A row of the table: what Graph, its network and the identity endpoint do to one run, and what the user gets of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from alert_refresh.problems import ProblemName
from alert_refresh.run.documents import State
from emulator.faults import Fault
from tests.faults.answers import ACCEPTED, DONE, alert
from tests.faults.scripted_graph import Answer, Route
from tests.support.graph_samples import REFRESH, REFRESH_ALL, WATCH

EXPANDED = {"expand": ("alertIncidents",)}


@dataclass(frozen=True, kw_only=True)
class World:
    """What is wrong besides Graph's answers."""

    skew: timedelta = timedelta(0)
    """Graph's clock ahead of the task hub's."""
    patience: float = 60.0
    """Real seconds in which Graph must answer."""
    token_patience: float = 30.0
    """Real seconds in which the identity endpoint must answer."""
    identity: Sequence[Fault] = ()
    token_lifetime: int = 86_400
    """Seconds."""
    tls_name: str | None = None
    """Whose certificate Graph shows; it speaks plain HTTP when there is none."""
    refuses_for: timedelta | None = None
    """How long nobody listens at Graph's address."""
    settings: Mapping[timedelta, Mapping[str, str]] = field(default_factory=dict)
    """How long after the start which settings are deployed."""
    without_tokens: tuple[timedelta, timedelta] | None = None
    """From when to when, after the start, the identity endpoint gives no token."""


@dataclass(frozen=True)
class Ends:
    """How the user sees the run end."""

    state: State
    problem: ProblemName | None = None
    words: tuple[str, ...] = ()
    """In the detail of the problem."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Members of the result."""
    logs: str = ""
    """A part of a log line."""


def succeeded(**facts: Any) -> Ends:
    return Ends("succeeded", facts=facts)


def failed(problem: ProblemName, *words: str) -> Ends:
    return Ends("failed", problem, words)


def timed_out(*words: str) -> Ends:
    return Ends("timedOut", "timed-out", words)


FRESH = succeeded(fresh=True)
UNKNOWN = succeeded(fresh=None)
"""Of an operation that was over at the first poll."""


@dataclass(frozen=True)
class Row:
    name: str
    ends: Ends
    calls: str
    """The routes that Graph is asked, each with how often: `refresh poll{2,} fetch`."""
    script: Mapping[Route, Sequence[Answer]]
    asked: Mapping[str, Any]
    """Fields of the wish beyond `make_sample_run`."""
    world: World

    @property
    def seconds(self) -> float:
        """From start to deadline."""
        return 120 if self.ends.state == "timedOut" else 3600


def row(
    name: str,
    ends: Ends,
    calls: str,
    *,
    asked: Mapping[str, Any] | None = None,
    world: World | None = None,
    **script: Sequence[Answer],
) -> Row:
    """Return a row in which all goes well but what `script` and `world` say.

    The run refreshes when a refresh is among `calls` (of all alerts, when there is a list), or else it watches.
    """
    whole: Any = {"refresh": [ACCEPTED], "poll": [DONE], "fetch": [alert()], **script}
    target = WATCH if "refresh" not in calls else REFRESH_ALL if "list" in script else REFRESH
    return Row(name, ends, calls, whole, {"target": target, **(asked or {})}, world or World())
