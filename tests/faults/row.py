"""A row of the table: a scenario, and what the user gets of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alert_refresh.problems import ProblemName
from alert_refresh.run.documents import State
from tests.faults.scenario import Scenario, scenario


@dataclass(frozen=True)
class Ends:
    """How the user sees the run end."""

    state: State
    problem: ProblemName | None = None
    words: tuple[str, ...] = ()
    """In the detail of the problem."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Members of the result."""


FRESH = Ends("succeeded", facts={"fresh": True})
UNKNOWN = Ends("succeeded", facts={"fresh": None})
"""Of an operation that was over at the first poll."""


def succeeded(**facts: Any) -> Ends:
    return Ends("succeeded", facts=facts)


def failed(problem: ProblemName, *words: str) -> Ends:
    return Ends("failed", problem, words)


def timed_out(*words: str) -> Ends:
    return Ends("timedOut", "timed-out", words)


@dataclass(frozen=True)
class Row:
    name: str
    ends: Ends
    calls: str
    """What Graph was asked, as a regular expression over the names of routes with blanks between."""
    scenario: Scenario


def row(name: str, ends: Ends, calls: str, **told: Any) -> Row:
    """Return a row whose scenario is `told`, in the words of `tests.faults.scenario.scenario`."""
    return Row(name, ends, calls, scenario(**told))
