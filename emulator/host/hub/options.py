"""How a task hub is set up."""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True)
class Timing:
    """How far the hub misses its times.

    `early_seconds`: a timer fires so much before its time, or at once when it is shorter. Azure Storage cuts fractions
    of a second off, so up to 1 is real. `late_seconds`: so much after it, as on a quiet hub that polls its queues
    seldom. `start_seconds`: what is started stays pending for so long. What a timer triggers by its schedule is exact.
    """

    early_seconds: float = 0.0
    late_seconds: float = 0.0
    start_seconds: float = 0.0


class VersionMatch(StrEnum):
    """`versionMatchStrategy`: which versions of orchestrations run."""

    NONE = "None"
    STRICT = "Strict"
    CURRENT_OR_OLDER = "CurrentOrOlder"


class VersionFailure(StrEnum):
    """`versionFailureStrategy`: what becomes of the others. Rejected ones stay pending for ever."""

    REJECT = "Reject"
    FAIL = "Fail"


@dataclass(frozen=True)
class HubOptions:
    """What host.json says to the hub. The defaults are those of a hub without a host.json, made for tests.

    `drops_entity_calls`: calls and locks from orchestrators to entities are lost, as in Azure Storage when
    `entityMessageReorderWindowInMinutes` is not 0. The message of a Python orchestrator has no timestamp, and the
    entity's sorter takes it for a duplicate. Signals arrive. `reorders_signals`: without the sorter, messages of one
    orchestrator overtake each other. Here its signals come after its calls of one turn, the last one first.
    `default_version` is the app's own version, and that of
    an instance started without one.
    """

    drops_entity_calls: bool = False
    reorders_signals: bool = False
    timing: Timing = field(default_factory=Timing)
    default_version: str = ""
    version_match: VersionMatch = VersionMatch.NONE
    version_failure: VersionFailure = VersionFailure.REJECT
