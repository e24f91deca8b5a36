"""How long a scan has been under way. Graph's clocks tell, so that the skew of ours does not matter."""

from datetime import datetime, timedelta

from domain.freshness import SKEW, is_of_this_scan
from domain.observation import Observation
from domain.operation import Operation
from domain.run_state import RunState
from domain.timestamps import parse_timestamp

LONGEST_SCAN = timedelta(days=1)
"""Scans take minutes. A beginning that is further back is .NET's year 1, or that of another scan."""


def began(run: RunState, operation: Operation) -> datetime | None:
    """Return when the scan that `run` awaits began, on Graph's clock; None when nothing tells."""
    created, requested = operation.created, parse_timestamp(run["requestedAt"])
    if requested:
        # Whether a refresh sets the createdDateTime of its operation anew is not documented.
        return created if created and created >= requested - SKEW else requested
    if operation.ending and not is_of_this_scan(operation, run):
        return parse_timestamp(run["notBefore"])
    return created


def elapsed(observation: Observation, run: RunState, now: datetime) -> float:
    """Return the seconds, 0 or more, that the scan has taken by the look that `run` already counts.

    When Graph's times do not tell, those since its refresh, or since the run began, by `now` (aware).
    """
    answered = parse_timestamp(observation.get("answeredAt"))
    begun = began(run, Operation(observation.get("operation") or {}))
    if answered and begun and timedelta() <= answered - begun <= LONGEST_SCAN:
        return (answered - begun).total_seconds()
    # Between the answer to its refresh and `moved_on` a run has no refreshedAt: that is now.
    started = parse_timestamp(run["refreshedAt"]) or (now if run["requestedAt"] else parse_timestamp(run["createdAt"]))
    return max((now - started).total_seconds(), 0.0) if started else 0.0
