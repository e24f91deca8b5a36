"""What Graph, its network and the identity endpoint do to one run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from emulator.faults import Fault
from tests.faults.answers import ALERT_SCANNED, ALL, ONE
from tests.support.scripted_answer import Answer
from tests.support.scripted_graph import Route


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
    settings: Sequence[tuple[timedelta, Mapping[str, str]]] = ()
    """How long after the start which settings are deployed."""
    without_tokens: tuple[timedelta, timedelta] | None = None
    """From when to when, after the start, the identity endpoint gives no token."""


@dataclass(frozen=True)
class Scenario:
    """`asked` are fields of the wish beyond `make_sample_run`; `seconds` is from start to deadline."""

    script: Mapping[Route, Sequence[Answer]]
    asked: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 3600
    world: World = field(default_factory=World)


def scenario(
    *,
    asked: Mapping[str, Any] | None = None,
    seconds: float = 3600,
    world: World | None = None,
    **script: Sequence[Answer],
) -> Scenario:
    """Return a scenario in which the alert, when there is no word of it in `script`, shows the scan.

    The run refreshes when `script` says what becomes of a refresh (of all alerts, when there is a list), and otherwise
    watches an operation.
    """
    whole: Any = {"fetch": [ALERT_SCANNED], **script}
    begun = {} if "refresh" not in script else ALL if "list" in script else ONE
    return Scenario(whole, {**begun, **(asked or {})}, seconds, world or World())
