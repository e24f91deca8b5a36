"""What to do after a look: pure, so that a table and a property test can hold all of it.

Two rules that are easy to get wrong: a satisfied condition wins over an exhausted deadline, and an exhausted deadline
is a failure, never a success.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain import schedule
from domain.observation import Observation
from domain.operation import Operation
from domain.problem import RUN_CANCELLED, Problem, ProblemName, is_problem, problem
from domain.run_state import RunState
from domain.timestamps import parse_timestamp

TRIES_IN_A_ROW: Mapping[ProblemName, int] = {"identity-unavailable": 5, "answer-unreadable": 5}
"""Troubles that are sometimes a hiccup and sometimes a misconfiguration: worth a few looks, not an hour of them."""


@dataclass(frozen=True, slots=True)
class Decision:
    """`wait`: look again after `delay` seconds; `fetch`: the alert; `succeed`; `fail`, `cancel`: end with `problem`."""

    kind: Literal["wait", "fetch", "succeed", "fail", "cancel"]
    reason: str
    delay: float = 0.0
    problem: Problem | None = None


def decide(observation: Observation, run: RunState, now: datetime) -> Decision:
    """Decide what follows `observation`, the look that `run` already counts, at `now` (aware)."""
    if observation["kind"] == "alert":
        return Decision("succeed", "the alert was fetched")
    if observation["kind"] == "problem":
        return _fail(observation["problem"])
    if observation["kind"] == "tryAgain":
        return _after_trouble(observation, run, now)
    return _weigh(Operation(observation["operation"]), observation, run, now)


def unless_cancelled(decision: Decision, *, cancelled: bool) -> Decision:
    """Return `decision`, or the end of a run that was cancelled; what ends the run anyway stands."""
    if cancelled and decision.kind in {"wait", "fetch"}:
        return Decision("cancel", "the run was cancelled", problem=RUN_CANCELLED)
    return decision


def _weigh(operation: Operation, observation: Observation, run: RunState, now: datetime) -> Decision:
    if operation.ending is None:
        return _wait(_plain(run), f"the operation is {operation.status!r}", observation, run, now)
    if not _new_enough(operation, run):
        reason = f"this {operation.status!r} is older than notBefore: it belongs to an earlier scan"
        return _wait(_plain(run), reason, observation, run, now)
    if operation.ending != "succeeded":
        return _fail(_ended_badly(operation))
    if not operation.resource_location:
        return _fail(
            problem("alert-location-missing", "Its resourceLocation is empty. Ask for the alert by its id instead.")
        )
    return Decision("fetch", "the operation succeeded")


def _after_trouble(observation: Observation, run: RunState, now: datetime) -> Decision:
    trouble = observation["problem"]
    if any(is_problem(trouble, name) and run["repeats"] >= limit for name, limit in TRIES_IN_A_ROW.items()):
        return _fail(trouble)
    seed = f"{run['createdAt']}/{run['target']}"
    seconds = schedule.after_trouble(run["failures"], run["pollMinSeconds"], run["pollMaxSeconds"], seed=seed)
    return _wait(seconds, trouble["detail"], observation, run, now)


def _wait(seconds: float, reason: str, observation: Observation, run: RunState, now: datetime) -> Decision:
    deadline = parse_timestamp(run["deadline"])
    remaining = (deadline - now).total_seconds() if deadline else 0.0
    at_least = observation.get("retryAfter") or 0.0
    delay = schedule.fitted(seconds, at_least, remaining)
    if delay is None:
        return _fail(_timed_out(observation, run, reason, at_least))
    return Decision("wait", reason, delay=delay)


def _plain(run: RunState) -> float:
    return schedule.while_running(run["pollMinSeconds"], run["pollMaxSeconds"])


def _new_enough(operation: Operation, run: RunState) -> bool:
    """One operation id serves every refresh of an alert: the first look may show the end of the previous scan."""
    if run["notBefore"] is None:
        return True
    not_before = parse_timestamp(run["notBefore"])
    return bool(operation.last_moved and not_before and operation.last_moved >= not_before)


def _fail(why: Problem) -> Decision:
    return Decision("fail", why["title"], problem=why)


def _ended_badly(operation: Operation) -> Problem:
    said = operation.trimmed().get("statusDetail")
    told = f"Graph's statusDetail: {said}" if said else "Graph gave no statusDetail."
    if operation.ending == "skipped":
        return problem("operation-skipped", f"Nothing was scanned; is the alert disabled in PIM? {told}")
    return problem(
        "operation-failed", f"Refresh the alert again, and look for a PIM incident if it fails twice. {told}"
    )


def _timed_out(observation: Observation, run: RunState, reason: str, at_least: float) -> Problem:
    asked = f" Graph asked to wait another {at_least:g} s, which is past the deadline." if at_least else ""
    ended = problem(
        "timed-out",
        f"After {run['polls']} looks, until {run['deadline']}: {reason.rstrip('.')}.{asked} "
        "Start again with a longer timeoutSeconds, up to 86400.",
    )
    if graph := observation.get("problem", ended).get("graph"):
        ended["graph"] = graph
    return ended
