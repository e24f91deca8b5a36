"""How a decision moves a run on, and what the run says of itself: log line and result."""

from datetime import datetime, timedelta
from typing import Any

from domain.decision import Decision
from domain.observation import Observation
from domain.operation import Operation
from domain.run_state import RunState
from domain.timestamps import format_timestamp, parse_timestamp


def moved_on(run: RunState, decision: Decision, now: datetime) -> RunState:
    """Return the run as `decision` (taken at `now`, aware) leaves it."""
    if decision.kind == "fetch":
        return {**run, "phase": "fetching"}
    if decision.kind == "wait":
        return {**run, "nextPollAt": format_timestamp(now + timedelta(seconds=decision.delay))}
    return run


def transition(run_id: str, run: RunState, observation: Observation, decision: Decision) -> dict[str, Any]:
    """Return the log line of one look: ids to find it by, what was seen, what was decided. No token, no person."""
    operation = run["operation"]
    return {
        "event": "look",
        "runId": run_id,
        "operationId": run["target"]["operationId"],
        "clientRequestId": observation["clientRequestId"],
        "phase": run["phase"],
        "operationStatus": Operation(operation).status if operation else None,
        "polls": run["polls"],
        "decision": decision.kind,
        "delay": round(decision.delay, 3),
        "reason": decision.reason,
        "deadline": run["deadline"],
    }


def result(run_id: str, run: RunState, alert: dict[str, Any]) -> dict[str, Any]:
    """Return the run's result: the operation and the alert as Graph sent them, and how fresh the alert is.

    `scannedAt` is the alert's `lastScannedDateTime`. `fresh` tells whether that is not older than `notBefore`, or than
    the start of the operation when no `notBefore` was given; null when one of the two times cannot be read.
    """
    scanned = parse_timestamp(alert.get("lastScannedDateTime"))
    asked = parse_timestamp(run["notBefore"]) or Operation(run["operation"] or {}).created
    return {
        "runId": run_id,
        "operation": run["operation"],
        "alert": alert,
        "scannedAt": alert.get("lastScannedDateTime"),
        "fresh": scanned >= asked if scanned and asked else None,
    }
