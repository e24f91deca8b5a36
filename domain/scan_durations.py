"""What runs have learned of how long scans take, for each kind of scan. Plain JSON."""

import re
from typing import TypedDict

from domain.durations import PRIOR, Durations, learned
from domain.elapsed import LONGEST_SCAN, began
from domain.operation import Operation
from domain.run_state import RunState, Target
from domain.scan_end import was_awaited
from domain.timestamps import format_timestamp, parse_timestamp

ALL_ALERTS = "allAlerts"
OTHER = "otherOperations"
"""Of operations whose id tells no alert: those of a refresh of all alerts are GUIDs."""

_NAME = r"[A-Za-z]{1,64}"
"""Kinds are shown to everybody: no tenant's id passes for the name of an alert."""


class Saw(TypedDict):
    """Input of `saw`: a scan that succeeded."""

    kind: str
    seconds: float
    endedAt: str
    """The operation's `lastActionDateTime`."""


class ScanDurations(TypedDict):
    """State of the entity `scan_durations`."""

    kind: str
    scans: int
    """How many were counted."""
    durations: Durations
    endedAt: str
    """Of the newest of them."""


def scan_kind(target: Target) -> str:
    """Return the kind of scan that `target` is about: the name of the alert, as `StaleSignInAlert`, or one for all."""
    if "allAlerts" in target:
        return ALL_ALERTS
    _, mark, name = (target.get("alertId") or target.get("operationId") or "").rpartition("_")
    return name if mark and re.fullmatch(_NAME, name, re.ASCII) else OTHER


def scan_seen(before: RunState, run: RunState) -> Saw | None:
    """Return the scan whose end the last look has shown; None when the run cannot tell how long it took.

    before: the run without that look. A scan that failed or was skipped says nothing of those that are worth waiting
    for.
    """
    operation = Operation(run["operation"] or {})
    begun, ended = began(run, operation), operation.last_moved
    if operation.ending != "succeeded" or not was_awaited(before, run) or not begun or not ended:
        return None
    if not _is_length((ended - begun).total_seconds()):
        return None
    return {
        "kind": scan_kind(run["target"]),
        "seconds": (ended - begun).total_seconds(),
        "endedAt": format_timestamp(ended),
    }


def saw(known: ScanDurations | None, told: Saw) -> ScanDurations:
    """Return what is known with the scan that a run has `told` of. Raises ValueError when it tells nonsense.

    Every run that waited for the scan tells the same end, and it counts once: what is not newer than the newest is
    either known or of no more use.
    """
    ended = parse_timestamp(told["endedAt"])
    if ended is None or not _is_length(told["seconds"]):
        raise ValueError("`endedAt` must be an ISO 8601 time with an offset, `seconds` more than 0 and at most a day")
    newest = parse_timestamp(known["endedAt"]) if known else None
    if known and newest and ended <= newest:
        return known
    return {
        "kind": told["kind"],
        "scans": known["scans"] + 1 if known else 1,
        # What was learned before an update may lack what is learned since.
        "durations": learned({**PRIOR, **known["durations"]} if known else PRIOR, told["seconds"]),
        "endedAt": told["endedAt"],
    }


def _is_length(seconds: float) -> bool:
    return 0 < seconds <= LONGEST_SCAN.total_seconds()
