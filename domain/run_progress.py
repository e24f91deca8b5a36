"""How a decision moves a run on, and the log lines of each look and of the end."""

from datetime import datetime, timedelta
from typing import Any

from domain.decision import Decision
from domain.observation import Observation
from domain.operation import Operation
from domain.outcome import Outcome
from domain.problem import PREFIX
from domain.run_state import RunState
from domain.timestamps import format_timestamp


def moved_on(run: RunState, decision: Decision, now: datetime) -> RunState:
    """Return the run as `decision` (taken at `now`, aware) leaves it."""
    if run["phase"] == "refreshing" and run["operationId"]:
        run = {**run, "phase": "waiting", "refreshedAt": run["refreshedAt"] or format_timestamp(now)}
    if decision.kind == "fetch":
        return {**run, "phase": "fetching"}
    if decision.anew:
        run = {**run, "incidents": None, "nextLink": None}
    if decision.kind == "wait":
        return {**run, "nextPollAt": format_timestamp(now + timedelta(seconds=decision.delay))}
    return run


def transition(run_id: str, run: RunState, observation: Observation, decision: Decision) -> dict[str, Any]:
    """Return the log line of one look: ids to find it by, what was seen, what was decided. No token, no person."""
    operation, met = run["operation"], observation.get("problem")
    return {
        "event": "look",
        "runId": run_id,
        "target": run["target"],
        "operationId": run["operationId"],
        "clientRequestId": observation["clientRequestId"],
        "phase": run["phase"],
        "operationStatus": Operation(operation).status if operation else None,
        "polls": run["polls"],
        "decision": decision.kind,
        "delay": round(decision.delay, 3),
        "reason": decision.reason,
        "problem": met["type"] if met else None,
        "deadline": run["deadline"],
    }


def end(run_id: str, run: RunState, ended: Outcome) -> dict[str, Any]:
    """Return the log line of the end of a run. No person: the alert itself stays out."""
    return {
        "event": "end",
        "runId": run_id,
        "target": run["target"],
        "operationId": run["operationId"],
        "polls": run["polls"],
        "refreshedAt": run["refreshedAt"],
        "problem": ended.problem["type"] if ended.problem else None,
        "deadline": run["deadline"],
    }


def outcome_name(ended: Outcome) -> str:
    """Return `succeeded`, or the `ProblemName` of what ended the run: one of few words."""
    return ended.problem["type"].removeprefix(PREFIX) if ended.problem else "succeeded"
