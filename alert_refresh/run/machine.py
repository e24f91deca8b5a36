"""The run as a machine: what to ask next, and what an answer means. Pure, so that a table and properties can hold it.

Two rules that are easy to get wrong: a satisfied condition wins over a passed deadline, and a passed deadline is a
failure, never a success.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from alert_refresh.problems import PREFIX, RUN_CANCELLED, Problem, ProblemName, make_problem
from alert_refresh.run import polling
from alert_refresh.run.freshness import Operation, is_current, is_disabled, is_fresh, trim_operation
from alert_refresh.run.incidents import INCIDENTS
from alert_refresh.run.observations import FetchRequest, Observation, Request
from alert_refresh.run.outcome import Outcome, make_problem_outcome, make_result
from alert_refresh.run.state import Ended, Expiring, Fault, Fetching, Polling, Refreshing, Run
from alert_refresh.timestamps import format_timestamp, parse_timestamp

FINAL: frozenset[ProblemName] = frozenset(
    {
        "alert-location-missing",
        "alert-location-untrusted",
        "alert-not-found",
        "license-missing",
        "operation-not-found",
        "refresh-disabled",
        "request-refused",
    }
)
"""Problems that no waiting helps. Every other problem of a request to Graph is a hiccup, to the deadline."""

DOUBTFUL: frozenset[ProblemName] = frozenset(
    {"answer-unreadable", "identity-unavailable", "permission-missing", "token-refused"}
)
"""Problems that are usually a misconfiguration until Graph has given a first good answer, and a hiccup afterwards."""

DOUBTFUL_TRIES = 5

GRACE = timedelta(minutes=3)
"""How long after this run's own refresh a 404 for the operation means "not ready yet": PIM replicates in one to two
minutes. The first poll has the grace whenever it comes."""

GOING_ON = frozenset({"notStarted", "running"})
"""The documented words of an operation that has not ended."""

FETCHES_AGAIN = 3
"""Fetches after the first that did not show the scan."""

CONFIGURATION = "alertConfiguration"
"""Always expanded: it tells whether PIM scans the alert at all."""


class Wait(NamedTuple):
    """Ask again after `seconds`, a whole number of 1 or more."""

    seconds: float
    reason: str


class Proceed(NamedTuple):
    """Ask the next thing at once."""

    reason: str


class End(NamedTuple):
    """The run is over."""

    outcome: Outcome
    reason: str


type Next = Wait | Proceed | End


def next_request(run: Run) -> tuple[str, Request] | None:
    """Return the name of the activity to call and its input; None when there is nothing to ask any more."""
    match run.phase:
        case Refreshing():
            return "refresh_alert", {"alertId": run.wish.target.id or None}
        case Polling(operation_id):
            return "get_operation", {"operationId": operation_id}
        case Fetching():
            return "fetch_alert", _make_fetch_request(run)
        case _:
            return None


def step(run: Run, observation: Observation, now: datetime, *, cancelled: bool) -> tuple[Run, Next]:
    """Return `run` after `observation`, at `now` (the hub's clock, aware), and what comes next.

    cancelled: whether the caller has asked for the end. What ends the run anyway stands.
    """
    run, then = _react(_count(run, observation, now), observation, now)
    if cancelled and not isinstance(then, End):
        then = End(make_problem_outcome(run.id, RUN_CANCELLED), "the run was cancelled")
    match then:
        case Wait(seconds):
            return replace(run, next_poll_at=now + timedelta(seconds=seconds)), then
        case End(outcome):
            return replace(run, phase=Ended(), next_poll_at=None, fault=None, problem=outcome.problem), then
        case Proceed():
            return run, then


def _count(run: Run, observation: Observation, now: datetime) -> Run:
    """Return the run with what every observation adds to it."""
    kind = observation["kind"]
    if kind == "nothing":
        return run
    run = replace(run, polls=run.polls + isinstance(run.phase, Polling), next_poll_at=None)
    if isinstance(run.phase, Polling):
        run = replace(run, began_at=run.began_at or now)
    if kind != "fault":
        return replace(run, failures=0, fault=None)
    problem, earlier = observation["problem"], run.fault
    if earlier and earlier.problem["type"] == problem["type"]:
        fault = Fault(problem, earlier.since, earlier.tries + 1)
    else:
        fault = Fault(problem, now, 1)
    return replace(run, failures=run.failures + 1, fault=fault)


def _react(run: Run, observation: Observation, now: datetime) -> tuple[Run, Next]:
    match observation["kind"]:
        case "nothing":
            return _expire(run, now)
        case "fault":
            return _react_to_fault(run, observation, now)
        case "refreshed":
            requested = parse_timestamp(observation["answeredAt"])
            run = replace(run, phase=Polling(observation["operationId"]), requested_at=requested or now, began_at=now)
            return _wait_for_scan(run, "Graph accepted the refresh", observation, now)
        case "operation":
            return _react_to_operation(run, observation, now)
        case "alert" | "alerts":
            return _react_to_alerts(run, observation, now)


def _react_to_operation(run: Run, observation: Observation, now: datetime) -> tuple[Run, Next]:
    operation = Operation(observation["operation"])
    run = replace(
        run, operation=trim_operation(operation.sent), saw_running=run.saw_running or operation.ending is None
    )
    if operation.ending is None:
        # A word that is not known is a text of Graph's, and the reason is logged.
        status = operation.status if operation.status in GOING_ON else "of an unknown status"
        return _wait_for_scan(run, f"the operation is {status}", observation, now)
    if not is_current(operation, run):
        reason = (
            f"this {operation.ending!r} belongs to an earlier scan"
            if operation.last_moved
            else f"this {operation.ending!r} has no readable time, so it may belong to an earlier scan"
        )
        return _wait_for_scan(run, reason, observation, now)
    if operation.ending != "succeeded":
        return _fail(run, _describe_failure(operation))
    if run.wish.target.kind == "operationId" and not operation.resource_location:
        detail = "Its resourceLocation is empty. Start a run with the alert's id instead."
        return _fail(run, make_problem("alert-location-missing", detail))
    operation_id = cast("Polling", run.phase).operation_id
    return replace(run, phase=Fetching(operation_id)), Proceed("the operation succeeded")


def _react_to_alerts(run: Run, observation: Observation, now: datetime) -> tuple[Run, Next]:
    phase = cast("Fetching", run.phase)
    stale = [alert for alert in observation["alerts"] if is_fresh(alert, run) is False]
    behind = [alert for alert in stale if not is_disabled(alert)]
    if observation["kind"] == "alert" and stale and not behind:
        detail = "PIM scans it again when it is enabled, in the alert settings of PIM."
        return _fail(run, make_problem("alert-disabled", detail))
    if behind and phase.fetches < FETCHES_AGAIN:
        fetches = phase.fetches + 1
        wish = run.wish
        seconds = polling.back_off(fetches, wish.poll_min_seconds, wish.poll_max_seconds, seed=run.id)
        delay = polling.fit(seconds, observation.get("retryAfter") or 0.0, _measure_remaining(run, now))
        if delay is not None:
            return replace(run, phase=replace(phase, fetches=fetches)), Wait(delay, "the scan does not show yet")
    return run, End(make_result(run, observation), "the alert was fetched")


def _react_to_fault(run: Run, observation: Observation, now: datetime) -> tuple[Run, Next]:
    fault, problem = cast("Fault", run.fault), observation["problem"]
    name = cast("ProblemName", problem["type"].removeprefix(PREFIX))
    if name == "operation-not-found" and _is_in_grace(run, now):
        return _wait_for_scan(run, problem["title"], observation, now)
    doubtful = name in DOUBTFUL and not run.answered and fault.tries >= DOUBTFUL_TRIES
    if name in FINAL or doubtful:
        return _fail(run, problem)
    wish = run.wish
    seconds = polling.back_off(run.failures, wish.poll_min_seconds, wish.poll_max_seconds, seed=run.id)
    return _wait(run, seconds, problem["title"], observation, now)


def _is_in_grace(run: Run, now: datetime) -> bool:
    if run.requested_at is None or run.began_at is None:
        return False
    return now - run.began_at < GRACE or run.polls <= 1


def _wait_for_scan(run: Run, reason: str, observation: Observation, now: datetime) -> tuple[Run, Next]:
    elapsed = (now - run.began_at).total_seconds() if run.began_at else 0.0
    seconds = polling.poll_interval(elapsed, run.wish.poll_min_seconds, run.wish.poll_max_seconds)
    return _wait(run, seconds, reason, observation, now)


def _wait(run: Run, seconds: float, reason: str, observation: Observation, now: datetime) -> tuple[Run, Next]:
    at_least, remaining = observation.get("retryAfter") or 0.0, _measure_remaining(run, now)
    delay = polling.fit(seconds, at_least, remaining)
    if delay is not None:
        return run, Wait(delay, reason)
    problem = _make_timeout(run, reason, at_least, now)
    if remaining <= 0:
        return _fail(run, problem)
    # Retry-After is a lower bound: nothing more is asked before the deadline.
    return _expire(replace(run, phase=Expiring(problem)), now)


def _expire(run: Run, now: datetime) -> tuple[Run, Next]:
    """Wait for the deadline, and end there."""
    delay = polling.fit(_measure_remaining(run, now), 0.0, _measure_remaining(run, now))
    if isinstance(run.phase, Expiring):
        if delay is None:
            return _fail(run, run.phase.problem)
        return run, Wait(delay, run.phase.problem["detail"])
    # Nothing was asked since the run was cancelled: `step` ends it.
    return run, Proceed("nothing was asked")


def _measure_remaining(run: Run, now: datetime) -> float:
    return (run.wish.deadline - now).total_seconds()


def _fail(run: Run, problem: Problem) -> tuple[Run, Next]:
    return run, End(make_problem_outcome(run.id, problem), problem["title"])


def _describe_failure(operation: Operation) -> Problem:
    text = trim_operation(operation.sent).get("statusDetail")
    detail = f"Graph's statusDetail: {text}" if isinstance(text, str) and text else "Graph gave no statusDetail."
    if operation.ending == "skipped":
        return make_problem("operation-skipped", f"Nothing was scanned. Is the alert disabled in PIM? {detail}")
    return make_problem("operation-failed", f"Refresh the alert again. {detail}")


def _make_timeout(run: Run, reason: str, at_least: float, now: datetime) -> Problem:
    polls = f"{run.polls} poll{'' if run.polls == 1 else 's'}"
    detail = f"After {polls}, until {format_timestamp(run.wish.deadline)}: {reason.rstrip('.')}."
    if at_least:
        until = format_timestamp(now + timedelta(seconds=at_least))
        detail += f" Graph asked to wait {at_least:g} s, until {until}, which is past the deadline."
    problem = make_problem("timed-out", f"{detail} Start again with a longer timeoutSeconds, up to 86400.")
    if run.fault is not None:
        problem["cause"] = run.fault.problem["type"]
        if "graph" in run.fault.problem:
            problem["graph"] = run.fault.problem["graph"]
    return problem


def _make_fetch_request(run: Run) -> FetchRequest:
    wish = run.wish
    select, expand = set(wish.select), {*wish.expand, CONFIGURATION}
    if wish.changes_for is not None:
        expand.add(INCIDENTS)
        select |= {"isActive"} if select else set()
    request: dict[str, Any] = {"select": sorted(select), "expand": sorted(expand), "limit": wish.incidents_limit}
    match wish.target.kind:
        case "allAlerts":
            request["allAlerts"] = True
        case "alertId":
            # Wherever the operation leads, this is the alert that the caller asked for.
            request["alertId"] = wish.target.id
        case "operationId":
            request["resourceLocation"] = Operation(run.operation or {}).resource_location
    return cast("FetchRequest", request)
