"""The run as a machine: which request comes next, and what its answer means. Pure: tests need no hub and no clock.

A scan that has ended wins over a deadline that has passed. A passed deadline is a failure, never a success.
"""

import math
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from alert_refresh.problems import PREFIX, RUN_CANCELLED, Problem, ProblemName, attach_run, make_problem
from alert_refresh.run import polling
from alert_refresh.run.freshness import Operation, is_current, is_disabled, is_fresh, trim_operation
from alert_refresh.run.observations import INCIDENTS, NOTHING, FetchRequest, Observation, Request
from alert_refresh.run.outcome import NOT_ENDED, OVERDUE, Outcome, describe_failure, make_result, make_timeout
from alert_refresh.run.state import Expiring, Fault, Fetching, Polling, Refreshing, Run, end_run
from alert_refresh.timestamps import parse_timestamp

FINAL: Collection[ProblemName] = {
    "alert-location-missing",
    "url-untrusted",
    "alert-not-found",
    "license-missing",
    "operation-not-found",
    "refresh-disabled",
    "request-refused",
}
"""Problems that end a run, because no waiting helps. The run tries again after others, but see `DOUBTFUL`."""

DOUBTFUL: Collection[ProblemName] = {"answer-unreadable", "identity-unavailable", "permission-missing", "token-refused"}
"""Problems that usually mean a wrong configuration. They end a run only before its first good answer from Graph, and
only when `DOUBTFUL_TRIES` requests in a row met the same one."""

DOUBTFUL_TRIES = 5

GRACE = timedelta(minutes=3)
"""How long after a refresh a 404, or the end of an earlier scan, means "not ready yet": PIM replicates in one to two
minutes. The refresh is this run's own, or the one that the caller dates with `notBefore`. After its own refresh, the
first poll of a run has this grace, however late it comes."""

FETCHES_AGAIN = 3
"""How many times a run fetches again when the alert does not show the scan yet."""


class Wait(NamedTuple):
    """The next request comes after `seconds`, a whole number of 1 or more."""

    seconds: float
    reason: str


class Proceed(NamedTuple):
    """The next request comes at once."""

    reason: str


class End(NamedTuple):
    """The run is over."""

    outcome: Outcome
    reason: str


type Next = Wait | Proceed | End


def next_request(run: Run) -> tuple[str, Request] | None:
    """Return the name of the activity to call and its input; None when the run needs no more requests."""
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

    cancelled: whether the caller cancelled the run. When `observation` ends the run anyway, that end counts.
    """
    run, then = _react(_count(run, observation, now), observation, now)
    if now >= run.wish.deadline + OVERDUE:
        run, then = _fail(run, NOT_ENDED)
    if cancelled and not isinstance(then, End):
        run, then = _fail(run, RUN_CANCELLED)
    match then:
        case Wait(seconds) if not isinstance(run.phase, Expiring):
            run = replace(run, next_poll_at=now + timedelta(seconds=seconds))
        case End(outcome):
            run = end_run(run, outcome.problem)
    return run, then


def _count(run: Run, observation: Observation, now: datetime) -> Run:
    """Return the run with its counters and its fault after `observation`."""
    kind, run = observation["kind"], replace(run, next_poll_at=None)
    if kind == "nothing":
        return run
    if isinstance(run.phase, Polling):
        run = replace(run, polls=run.polls + 1, began_at=run.began_at or now)
    if kind != "fault":
        return replace(run, failures=0, fault=None)
    problem = observation["problem"]
    earlier = run.fault if run.fault and run.fault.problem["type"] == problem["type"] else Fault(problem, now, 0)
    return replace(run, failures=run.failures + 1, fault=Fault(problem, earlier.since, earlier.tries + 1))


def _react(run: Run, observation: Observation, now: datetime) -> tuple[Run, Next]:
    match observation["kind"]:
        case "nothing":
            # Graph allows no request before the deadline, or the run is cancelled.
            return _expire(run, run.phase.problem if isinstance(run.phase, Expiring) else RUN_CANCELLED, now)
        case "fault":
            return _react_to_fault(run, observation, now)
        case "refreshed":
            requested = parse_timestamp(observation.get("answeredAt")) or now
            asked = parse_timestamp(observation.get("askedAt")) or requested
            phase = Polling(observation["operationId"])
            run = replace(run, phase=phase, requested_at=requested, asked_at=asked, began_at=now)
            return _wait_for_scan(run, "Graph accepted the refresh", observation, now)
        case "operation":
            return _react_to_operation(run, observation, now)
        case "alert" | "alerts":
            return _react_to_alerts(run, observation, now)


def _react_to_operation(run: Run, observation: Observation, now: datetime) -> tuple[Run, Next]:
    operation = Operation(observation["operation"])
    saw_running = run.saw_running or (operation.ending is None and operation.status is not None)
    run = replace(run, operation=trim_operation(operation.sent), saw_running=saw_running)
    if operation.ending is None:
        # A word that is not documented is a text of Graph's, and the reason is logged.
        documented = operation.status in {"notStarted", "running"}
        known = f"is {operation.status}" if documented else "has a status that is not known"
        reason = f"the operation {known if operation.status else 'names no status'}"
        return _wait_for_scan(run, reason, observation, now)
    if not is_current(operation, run):
        # Graph can join a refresh to a scan that ends within the same second. Then no newer end comes without another.
        if run.requested_at and not _is_in_grace(run, now):
            run = replace(run, phase=Refreshing())
        belongs = "belongs" if operation.last_moved else "has no readable time, so it may belong"
        return _wait_for_scan(run, f"this {operation.ending!r} {belongs} to an earlier scan", observation, now)
    if operation.ending != "succeeded":
        return _fail(run, describe_failure(operation))
    if run.wish.target.kind == "operationId" and not operation.resource_location:
        detail = "Its resourceLocation is empty. Start a run with the alert's id instead."
        return _fail(run, make_problem("alert-location-missing", detail))
    refused = run.wish.target.kind == "alertId" and observation.get("locationRefused")
    reason = "; the alert is fetched by its id, since its resourceLocation is refused" if refused else ""
    run, reason = replace(run, phase=Fetching()), f"the operation succeeded{reason}"
    return _wait(run, 0.0, reason, observation, now) if observation.get("retryAfter") else (run, Proceed(reason))


def _react_to_alerts(run: Run, observation: Observation, now: datetime) -> tuple[Run, Next]:
    phase = cast("Fetching", run.phase)
    stale = [alert for alert in observation["alerts"] if is_fresh(alert, run) is False]
    behind = [alert for alert in stale if not is_disabled(alert)]
    if observation["kind"] == "alert" and stale and not behind:
        detail = "PIM scans it again when it is enabled, in the alert settings of PIM."
        return _fail(run, make_problem("alert-disabled", detail))
    if behind and phase.fetches < FETCHES_AGAIN:
        fetches = phase.fetches + 1
        delay = _fit(run, _back_off(run, fetches), observation, now)
        if delay is not None:
            return replace(run, phase=replace(phase, fetches=fetches)), Wait(delay, "the scan does not show yet")
    return run, End(make_result(run, observation), "the alert was fetched")


def _react_to_fault(run: Run, observation: Observation, now: datetime) -> tuple[Run, Next]:
    fault, problem = cast("Fault", run.fault), observation["problem"]
    name = problem["type"].removeprefix(PREFIX)
    replicates = name in {"operation-not-found", "alert-not-found"} and not isinstance(run.phase, Refreshing)
    if replicates and _is_in_grace(run, now):
        return _wait_for_scan(run, problem["title"], observation, now)
    answered = run.requested_at is not None or run.operation is not None
    if name in FINAL or (name in DOUBTFUL and not answered and fault.tries >= DOUBTFUL_TRIES):
        return _fail(run, problem)
    return _wait(run, _back_off(run, run.failures), problem["title"], observation, now)


def _back_off(run: Run, failures: int) -> float:
    return polling.back_off(failures, run.wish.poll_min_seconds, run.wish.poll_max_seconds, seed=run.id)


def _is_in_grace(run: Run, now: datetime) -> bool:
    if run.requested_at is None or run.began_at is None:
        return run.wish.not_before is not None and now - run.wish.not_before < GRACE
    return run.polls <= 1 or now - run.began_at < GRACE


def _wait_for_scan(run: Run, reason: str, observation: Observation, now: datetime) -> tuple[Run, Next]:
    elapsed = (now - run.began_at).total_seconds() if run.began_at else 0.0
    seconds = polling.poll_interval(elapsed, run.wish.poll_min_seconds, run.wish.poll_max_seconds)
    return _wait(run, seconds, reason, observation, now)


def _wait(run: Run, seconds: float, reason: str, observation: Observation, now: datetime) -> tuple[Run, Next]:
    delay = _fit(run, seconds, observation, now)
    if delay is not None:
        return run, Wait(delay, reason)
    # Retry-After is a lower bound, so there is no other request before the deadline.
    return _expire(run, make_timeout(run, reason, observation.get("retryAfter") or 0.0, now), now)


def _expire(run: Run, problem: Problem, now: datetime) -> tuple[Run, Next]:
    delay = _fit(run, math.inf, NOTHING, now)
    if delay is None:
        return _fail(run, problem)
    return replace(run, phase=Expiring(problem)), Wait(delay, "Graph allows no request before the deadline")


def _fit(run: Run, seconds: float, observation: Observation, now: datetime) -> float | None:
    return polling.fit(seconds, observation.get("retryAfter") or 0.0, (run.wish.deadline - now).total_seconds())


def _fail(run: Run, problem: Problem) -> tuple[Run, Next]:
    return run, End(Outcome(problem=attach_run(problem, run.id)), problem["title"])


def _make_fetch_request(run: Run) -> FetchRequest:
    wish = run.wish
    # The configuration shows whether PIM scans the alert at all.
    select, expand = set(wish.select), {*wish.expand, "alertConfiguration"}
    if wish.changes_for is not None:
        expand.add(INCIDENTS)
        select |= {"isActive"} if select else set()
    # The resourceLocation serves only a run that does not know the alert.
    location = {"resourceLocation": Operation(run.operation or {}).resource_location}
    request = {
        **(wish.target.dump() if wish.target.refreshes else location),
        "select": sorted(select),
        "expand": sorted(expand),
        "limit": wish.incidents_limit,
    }
    return cast("FetchRequest", request)
