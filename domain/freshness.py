"""Is it the scan that was asked for? All of it on Graph's own clocks, never on ours.

One operation id serves every refresh of an alert, so that a look right after the POST can show the end of the previous
scan; and the alert itself can show the new scan a moment after the operation has succeeded.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.operation import Operation
from domain.run_state import RunState
from domain.timestamps import parse_timestamp

SKEW = timedelta(seconds=5)
"""By how much the clock of PIM may be behind the one that dated Graph's answer to the refresh."""


def earliest(run: RunState) -> datetime | None:
    """Return the moment before which nothing counts, or None when the run accepts whatever there is."""
    requested, not_before = parse_timestamp(run["requestedAt"]), parse_timestamp(run["notBefore"])
    moments = (not_before, requested - SKEW if requested else None)
    return max((moment for moment in moments if moment), default=None)


def is_of_this_scan(operation: Operation, run: RunState) -> bool:
    """Tell whether what the operation says is not older than what was asked for."""
    since = earliest(run)
    return since is None or bool(operation.last_moved and operation.last_moved >= since)


def has_ended(run: RunState) -> bool:
    """Tell whether the operation, as last seen, is over, and is the one that the run awaits."""
    operation = Operation(run["operation"] or {})
    return operation.ending is not None and is_of_this_scan(operation, run)


def is_fresh(alert: Mapping[str, Any], run: RunState) -> bool | None:
    """Tell whether the alert was scanned since `earliest`, or else since the operation began; None when nobody can."""
    scanned = parse_timestamp(alert.get("lastScannedDateTime"))
    since = earliest(run) or Operation(run["operation"] or {}).created
    return scanned >= since if scanned and since else None


def is_disabled(alert: Mapping[str, Any]) -> bool:
    """Tell whether the alert's configuration, if it came along, says that PIM does not scan it."""
    configuration = alert.get("alertConfiguration")
    return isinstance(configuration, Mapping) and configuration.get("isEnabled") is False
