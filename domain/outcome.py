"""How a run ends: with a result or with a problem. The API answers it, the callback gets it."""

from dataclasses import dataclass
from typing import Any, TypedDict

from domain.decision import Decision
from domain.observation import Observation
from domain.operation import Operation
from domain.problem import Problem, of_run
from domain.run_state import RunState
from domain.timestamps import parse_timestamp


class Result(TypedDict):
    """The operation and the alert as Graph sent them, and how fresh the alert is."""

    runId: str
    operation: dict[str, Any] | None
    alert: dict[str, Any]
    scannedAt: str | None
    """The alert's `lastScannedDateTime`."""
    fresh: bool | None
    """Whether that is not older than `notBefore`, or than the start of the operation when no `notBefore` was given;
    null when one of the two times cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One of the two."""

    result: Result | None = None
    problem: Problem | None = None


def outcome(run_id: str, run: RunState, observation: Observation, decision: Decision) -> Outcome | None:
    """Return how `decision`, the one after `observation`, ends the run, or None when the run goes on."""
    if decision.kind == "succeed":
        return Outcome(result=_result(run_id, run, observation["alert"]))
    return Outcome(problem=of_run(decision.problem, run_id)) if decision.problem else None


def _result(run_id: str, run: RunState, alert: dict[str, Any]) -> Result:
    told = alert.get("lastScannedDateTime")
    scanned = parse_timestamp(told)
    asked = parse_timestamp(run["notBefore"]) or Operation(run["operation"] or {}).created
    return {
        "runId": run_id,
        "operation": run["operation"],
        "alert": alert,
        "scannedAt": told if isinstance(told, str) else None,
        "fresh": scanned >= asked if scanned and asked else None,
    }
