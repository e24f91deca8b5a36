"""What to do after a look: pure, so that a table and a property test can hold all of it.

Two rules that are easy to get wrong: a satisfied condition wins over an exhausted deadline, and an exhausted deadline
is a failure, never a success.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from domain import schedule
from domain.elapsed import elapsed
from domain.freshness import is_disabled, is_fresh, is_of_this_scan
from domain.observation import Observation
from domain.operation import Operation
from domain.problem import RUN_CANCELLED, Problem, ProblemName, is_problem, problem
from domain.run_state import RunState
from domain.timestamps import parse_timestamp

TRIES_IN_A_ROW: Mapping[ProblemName, int] = {"identity-unavailable": 5, "answer-unreadable": 5}
"""Troubles that are sometimes a hiccup and sometimes a misconfiguration: worth a few looks, not an hour of them."""

GRACE = timedelta(seconds=60)
"""After the refresh, for Graph to know the operation. The first look may come later, and has it all the same."""

MOST_PAGES = 500
"""Of one list. A link that leads back would be followed for good."""

FETCHES_AGAIN = 3
"""Fetches after the first that did not show the scan."""


class Decision(NamedTuple):
    """`wait`: look again after `delay` seconds; `fetch`: the alert; `succeed`; `fail`, `cancel`: end with `problem`."""

    kind: Literal["wait", "fetch", "succeed", "fail", "cancel"]
    reason: str
    delay: float = 0.0
    problem: Problem | None = None
    anew: bool = False
    """Of a wait: fetch from the start, whatever there was of it."""


def decide(observation: Observation, run: RunState, now: datetime) -> Decision:
    """Decide what follows `observation`, the look that `run` already counts, at `now` (aware)."""
    match observation["kind"]:
        case "problem":
            return _refused(observation, run, now)
        case "tryAgain":
            return _after_trouble(observation, run, now)
        case "refreshed":
            return _wait_for_scan("Graph has begun to scan", observation, run, now)
        case "operation":
            return _weigh(Operation(observation["operation"]), observation, run, now)
        case _:
            return _appraise(observation, run, now)


def unless_cancelled(decision: Decision, *, cancelled: bool) -> Decision:
    """Return `decision`, or the end of a run that was cancelled; what ends the run anyway stands."""
    if cancelled and decision.kind in {"wait", "fetch"}:
        return Decision("cancel", "the run was cancelled", problem=RUN_CANCELLED)
    return decision


def _weigh(operation: Operation, observation: Observation, run: RunState, now: datetime) -> Decision:
    if operation.ending is None:
        state = f"is {operation.status!r}" if operation.status else "names no status"
        return _wait_for_scan(f"the operation {state}", observation, run, now)
    if not is_of_this_scan(operation, run):
        asked = "the refresh" if run["requestedAt"] else "notBefore"
        told = (
            f"is older than {asked}: it belongs"
            if operation.last_moved
            else "has no time that can be read: it may belong"
        )
        reason = f"this {operation.status!r} {told} to an earlier scan"
        return _wait_for_scan(reason, observation, run, now)
    if operation.ending != "succeeded":
        return _fail(_ended_badly(operation))
    if "operationId" in run["target"] and not operation.resource_location:
        return _fail(
            problem("alert-location-missing", "Its resourceLocation is empty. Ask for the alert by its id instead.")
        )
    return Decision("fetch", "the operation succeeded")


def _appraise(observation: Observation, run: RunState, now: datetime) -> Decision:
    """Decide about what was fetched so far."""
    if run["pages"] >= MOST_PAGES and run["nextLink"]:
        detail = f"A list has no end after {MOST_PAGES} pages. Report it to Microsoft."
        return _fail(problem("answer-unreadable", detail))
    if run["alerts"] is not None and run["nextLink"] and run["incidents"] is None:
        return Decision("fetch", "there are more alerts")
    # Pages of incidents say nothing new about the scan.
    unfit = None if observation["kind"] == "incidents" else _unfit(observation, run, now)
    if unfit is not None:
        return unfit
    if run["incidents"] is not None:
        return Decision("fetch", "there are more incidents")
    return Decision("succeed", "all is fetched")


def _unfit(observation: Observation, run: RunState, now: datetime) -> Decision | None:
    """Decide about an alert that does not show the scan: it may do so a moment after the operation has succeeded."""
    alerts = [run["alert"]] if run["alert"] is not None else run["alerts"] or []
    if all(is_fresh(alert, run) is not False for alert in alerts):
        return None
    seconds = schedule.after_trouble(run["fetches"], run["pollMinSeconds"], run["pollMaxSeconds"], seed=_seed(run))
    delay = schedule.fitted(seconds, observation.get("retryAfter") or 0.0, _remaining(run, now))
    if run["fetches"] <= FETCHES_AGAIN and delay is not None:
        return Decision("wait", "the scan does not show yet", delay=delay, anew=True)
    if run["alert"] is not None and is_disabled(run["alert"]):
        return _fail(problem("alert-disabled", "PIM scans it when it is enabled again, in PIM's alert settings."))
    return None


def _refused(observation: Observation, run: RunState, now: datetime) -> Decision:
    why, refreshed = observation["problem"], parse_timestamp(run["refreshedAt"])
    early = refreshed is not None and (now - refreshed < GRACE or run["polls"] <= 1)
    if is_problem(why, "operation-not-found") and early:
        # Graph may need a moment until what it has just named can be read; later, it is a wrong id.
        return _wait_for_scan(why["detail"], observation, run, now)
    return _fail(why)


def _after_trouble(observation: Observation, run: RunState, now: datetime) -> Decision:
    trouble = observation["problem"]
    if any(is_problem(trouble, name) and run["repeats"] >= limit for name, limit in TRIES_IN_A_ROW.items()):
        return _fail(trouble)
    seconds = schedule.after_trouble(run["failures"], run["pollMinSeconds"], run["pollMaxSeconds"], seed=_seed(run))
    return _wait(seconds, trouble["detail"], observation, run, now)


def _wait(seconds: float, reason: str, observation: Observation, run: RunState, now: datetime) -> Decision:
    at_least = observation.get("retryAfter") or 0.0
    delay = schedule.fitted(seconds, at_least, _remaining(run, now))
    if delay is None:
        return _fail(_timed_out(observation, run, reason, at_least))
    return Decision("wait", reason, delay=delay)


def _wait_for_scan(reason: str, observation: Observation, run: RunState, now: datetime) -> Decision:
    taken, bounds = elapsed(observation, run, now), (run["pollMinSeconds"], run["pollMaxSeconds"])
    return _wait(schedule.while_running(taken, run["durations"], *bounds), reason, observation, run, now)


def _remaining(run: RunState, now: datetime) -> float:
    deadline = parse_timestamp(run["deadline"])
    return (deadline - now).total_seconds() if deadline else 0.0


def _seed(run: RunState) -> str:
    return f"{run['createdAt']}/{run['target']}"


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
    looks = f"{run['polls']} look{'' if run['polls'] == 1 else 's'}"
    ended = problem(
        "timed-out",
        f"After {looks}, until {run['deadline']}: {reason.rstrip('.')}.{asked} "
        "Start again with a longer timeoutSeconds, up to 86400.",
    )
    met = observation.get("problem")
    if met is not None:
        ended["cause"] = met["type"]
        if "graph" in met:
            ended["graph"] = met["graph"]
    return ended
