"""The whole machine as one table, and what holds for every step, whatever Graph sends."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast, get_args

import pytest
from hypothesis import given

from alert_refresh.problems import PREFIX, Problem, ProblemName, is_problem
from alert_refresh.run import state
from alert_refresh.run.documents import describe_step, make_custom_status
from alert_refresh.run.machine import End, Next, Proceed, Wait, next_request, step
from alert_refresh.run.observations import NOTHING, Observation
from alert_refresh.run.state import Ended, Expiring, Fault, Fetching, Polling, Run, Target, name_phase
from alert_refresh.timestamps import parse_timestamp
from tests.orchestrators.hub import FETCHED, fault, fetched, listed, polled, refreshed
from tests.run.generated import NOW, turns
from tests.support.generated import quick
from tests.support.graph_samples import (
    ALERT,
    ALERT_ID,
    EARLIER,
    OPERATION_ID,
    REFRESH,
    REFRESH_ALL,
    REQUESTED_AT,
    RUNNING,
    SUCCEEDED,
    WATCH,
    make_sample_run,
)

POLL = Polling(OPERATION_ID)
REQUESTED = cast("datetime", parse_timestamp(REQUESTED_AT))
LONG_AGO = "2023-06-08T22:56:09Z"
DISABLED: dict[str, Any] = {"alertConfiguration": {"isEnabled": False}}
LAG: dict[str, Any] = {"lastScannedDateTime": LONG_AGO}


def watch(*, seconds: float = 3600, **wish: Any) -> Run:
    """Return a run that watches an operation and has asked nothing yet."""
    return make_sample_run(NOW, seconds=seconds, **wish)


def refresh(*, target: Target = REFRESH, **wish: Any) -> Run:
    """Return a run that must still ask for a refresh."""
    return make_sample_run(NOW, target=target, **wish)


def poll(*, polls: int = 3, **wish: Any) -> Run:
    """Return a run whose refresh Graph accepted at `NOW`."""
    return replace(refresh(**wish), phase=POLL, requested_at=REQUESTED, began_at=NOW, polls=polls)


def fetch(*, fetches: int = 0, **wish: Any) -> Run:
    """Return a run whose operation succeeded."""
    return replace(poll(**wish), phase=Fetching(fetches), operation=SUCCEEDED)


def expire() -> Run:
    return replace(poll(), phase=Expiring(fault("timed-out")["problem"]))


def met(run: Run, name: ProblemName, tries: int, *, failures: int | None = None) -> Run:
    """Return `run` after `tries` requests in a row that met the problem `name`."""
    known = Fault(fault(name)["problem"], NOW, tries)
    return replace(run, fault=known, failures=tries if failures is None else failures)


def ended(status: str, created: Any, last_action: Any) -> dict[str, Any]:
    operation = {**SUCCEEDED, "status": status, "createdDateTime": created, "lastActionDateTime": last_action}
    return polled(operation)


class Row(NamedTuple):
    run: Run
    observation: dict[str, Any]
    at: float
    """Seconds after `NOW`."""
    then: float | tuple[float, float] | str
    """Seconds to wait, least and most seconds to wait, `proceed` or `end`."""
    phase: str
    problem: str | None = None


FETCH_ALL = fetch(target=REFRESH_ALL)
NOT_FOUND = fault("operation-not-found")
SUCCESS = polled(SUCCEEDED)
NOWHERE = polled({**SUCCEEDED, "resourceLocation": ""})
FIRST_BACK_OFF = (5, 6)

TABLE: dict[str, Row] = {
    # The refresh. Graph's Retry-After on its answer is a lower bound, too.
    "refresh accepted": Row(refresh(), refreshed(), 0, 5, "polling"),
    "refresh accepted, Retry-After": Row(refresh(), {**refreshed(), "retryAfter": 90.0}, 0, 90, "polling"),
    # The interval: a twentieth of the time since the scan began, by the hub's clock.
    "running for 400 s": Row(poll(), polled(RUNNING), 400, 20, "polling"),
    "watched since this poll": Row(watch(), polled(RUNNING), 400, 5, "polling"),
    # What Graph says of the operation: an open enum in any letter case.
    "a new word": Row(watch(), polled({**RUNNING, "status": "paused"}), 0, 5, "polling"),
    "succeeded": Row(watch(), SUCCESS, 0, "proceed", "fetching"),
    "succeeded, no location": Row(watch(), NOWHERE, 0, "end", "ended", "alert-location-missing"),
    "refreshed, no location": Row(poll(), NOWHERE, 0, "proceed", "fetching"),
    "failed": Row(watch(), polled({**RUNNING, "status": "failed"}), 0, "end", "ended", "operation-failed"),
    "skipped": Row(watch(), polled({**RUNNING, "status": "skipped"}), 0, "end", "ended", "operation-skipped"),
    # Fresh or nothing: one operation id serves every refresh.
    "an earlier success": Row(poll(), polled(EARLIER), 0, 5, "polling"),
    "an earlier success for 2:59": Row(poll(), polled(EARLIER), 179, 9, "polling"),
    "an earlier success for 3 min": Row(poll(), polled(EARLIER), 180, 9, "refreshing"),
    "an earlier failure for 3 min": Row(poll(), polled({**EARLIER, "status": "failed"}), 180, 9, "refreshing"),
    "an earlier success, watched": Row(watch(not_before=NOW), SUCCESS, 600, 5, "polling"),
    "a new failure": Row(
        poll(), ended("failed", LONG_AGO, RUNNING["lastActionDateTime"]), 0, "end", "ended", "operation-failed"
    ),
    "a success in year 1": Row(poll(), ended("succeeded", None, "0001-01-01T00:00:00Z"), 0, 5, "polling"),
    "at notBefore": Row(
        watch(not_before=NOW), ended("succeeded", None, "2026-01-31T12:00:00Z"), 0, "proceed", "fetching"
    ),
    # The deadline: never passed by a whole second, never a success, and a satisfied condition wins over it.
    "a fraction left": Row(poll(), polled(RUNNING), 3599.7, 1, "polling"),
    "running at the deadline": Row(poll(), polled(RUNNING), 3600, "end", "ended", "timed-out"),
    "succeeded after it": Row(poll(), SUCCESS, 3719, "proceed", "fetching"),
    "succeeded when it is shown as over": Row(poll(), SUCCESS, 3720, "end", "ended", "timed-out"),
    # Retry-After: a lower bound that nothing cuts down.
    "Retry-After over it": Row(poll(), polled(RUNNING, 315.0), 0, 315, "polling"),
    "Retry-After to the deadline": Row(poll(), polled(RUNNING, 60.0), 3540, 60, "polling"),
    "Retry-After past the deadline": Row(poll(), polled(RUNNING, 60.1), 3540, 60, "expiring"),
    "the timer of it came early": Row(expire(), cast("Any", NOTHING), 3599, 1, "expiring"),
    "the timer of it": Row(expire(), cast("Any", NOTHING), 3600, "end", "ended", "timed-out"),
    # Patience.
    "first fault": Row(poll(), fault(), 0, FIRST_BACK_OFF, "polling"),
    "five faults of two kinds": Row(
        met(watch(), "token-refused", 4), fault("permission-missing"), 0, (60, 66), "polling"
    ),
    "the first of its kind after many": Row(
        met(watch(), "graph-unavailable", 1, failures=9), fault("token-refused"), 0, (60, 66), "polling"
    ),
    # The grace: PIM replicates an operation that this run started.
    "404 in the grace": Row(poll(), NOT_FOUND, 179, 9, "polling"),
    "404 after the grace": Row(poll(), NOT_FOUND, 180, "end", "ended", "operation-not-found"),
    "404 at the first poll": Row(poll(polls=0), NOT_FOUND, 900, 45, "polling"),
    "404 at the second poll": Row(poll(polls=1), NOT_FOUND, 900, "end", "ended", "operation-not-found"),
    "404, watched": Row(watch(), NOT_FOUND, 0, "end", "ended", "operation-not-found"),
    "404, watched from notBefore": Row(watch(not_before=NOW), NOT_FOUND, 179, 5, "polling"),
    "404, watched long after it": Row(watch(not_before=NOW), NOT_FOUND, 180, "end", "ended", "operation-not-found"),
    "404 on a refresh, with notBefore": Row(
        refresh(not_before=NOW), fault("alert-not-found"), 0, "end", "ended", "alert-not-found"
    ),
    "404 on the alert in the grace": Row(fetch(), fault("alert-not-found"), 179, 9, "fetching"),
    "404 on the alert after it": Row(fetch(), fault("alert-not-found"), 180, "end", "ended", "alert-not-found"),
    # The fetch.
    "a fresh alert": Row(fetch(), FETCHED, 0, "end", "ended"),
    "the alert shows the scan before": Row(fetch(), fetched(**LAG), 0, FIRST_BACK_OFF, "fetching"),
    "... at the third fetch": Row(fetch(fetches=2), fetched(**LAG), 0, (20, 22), "fetching"),
    "... at the fourth": Row(fetch(fetches=3), fetched(**LAG), 0, "end", "ended"),
    "the alert is disabled": Row(fetch(), fetched(**LAG, **DISABLED), 0, "end", "ended", "alert-disabled"),
    "one of all is disabled": Row(FETCH_ALL, listed(ALERT, {**ALERT, **LAG, **DISABLED}), 0, "end", "ended"),
    "one of all shows the scan before": Row(FETCH_ALL, listed(ALERT, {**ALERT, **LAG}), 0, FIRST_BACK_OFF, "fetching"),
    "an alert of which nothing is known": Row(fetch(), fetched(lastScannedDateTime=None), 0, "end", "ended"),
    "the fetch meets a fault": Row(fetch(), fault("throttled", 20.0), 0, 20, "fetching"),
}


def name_problem(then: Next) -> str | None:
    return get_problem(then)["type"].removeprefix(PREFIX) if isinstance(then, End) and then.outcome.problem else None


def get_problem(then: Next) -> Problem:
    assert isinstance(then, End)
    assert then.outcome.problem is not None
    return then.outcome.problem


def take(run: Run, observation: Any, at: float = 0, *, cancelled: bool = False) -> tuple[Run, Next]:
    return step(run, cast("Observation", observation), NOW + timedelta(seconds=at), cancelled=cancelled)


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE.keys())
def test_the_table(row: Row) -> None:
    run, then = take(row.run, row.observation, row.at)
    assert (name_phase(run.phase), name_problem(then)) == (row.phase, row.problem)
    if isinstance(row.then, str):
        assert type(then).__name__.lower() == row.then
        return
    least, most = row.then if isinstance(row.then, tuple) else (row.then, row.then)
    assert isinstance(then, Wait)
    assert least <= then.seconds <= most
    next_poll_at = NOW + timedelta(seconds=row.at + then.seconds)
    assert run.next_poll_at == (None if row.phase == "expiring" else next_poll_at)


FINAL = {
    *("alert-location-missing", "url-untrusted", "alert-not-found", "license-missing"),
    *("operation-not-found", "refresh-disabled", "request-refused"),
}
DOUBTFUL = {"answer-unreadable", "identity-unavailable", "permission-missing", "token-refused"}
NEW = {"a refresh": refresh(), "a watch": watch()}
ANSWERED = {"a poll": poll(), "a fetch": fetch(), "a watch": replace(watch(), operation=RUNNING)}


@pytest.mark.parametrize("name", get_args(ProblemName))
@pytest.mark.parametrize("start", NEW)
def test_before_a_good_answer_five_refusals_that_look_like_a_misconfiguration_end_a_run(
    name: ProblemName, start: str
) -> None:
    tries, run, then = 0, NEW[start], cast("Next", None)
    while tries < 20 and not isinstance(then, End):
        run, then = take(run, fault(name))
        tries += 1
    assert tries == (1 if name in FINAL else 5 if name in DOUBTFUL else 20)
    assert name_problem(then) == (name if tries < 20 else None)


@pytest.mark.parametrize("name", get_args(ProblemName))
@pytest.mark.parametrize("start", ANSWERED)
def test_after_a_good_answer_only_what_no_waiting_helps_ends_a_run(name: ProblemName, start: str) -> None:
    run = met(ANSWERED[start], name, 99)
    _, then = take(run, fault(name), 300)
    assert name_problem(then) == (name if name in FINAL else None)


@pytest.mark.parametrize(
    ("run", "observation", "problem"),
    [
        (refresh(), NOTHING, "run-cancelled"),
        (refresh(), refreshed(), "run-cancelled"),
        (poll(), polled(RUNNING), "run-cancelled"),
        (expire(), NOTHING, "run-cancelled"),
        (fetch(), fetched(**LAG), "run-cancelled"),
        (fetch(), FETCHED, None),
        (watch(), polled({**RUNNING, "status": "failed"}), "operation-failed"),
    ],
)
def test_a_cancelled_run_ends_unless_it_ended_anyway(run: Run, observation: Any, problem: str | None) -> None:
    after, then = take(run, observation, cancelled=True)
    assert isinstance(then, End)
    assert name_phase(after.phase) == "ended"
    assert name_problem(then) == problem
    assert then.outcome.problem is None or then.outcome.problem.get("instance") == f"urn:uuid:{run.id}"


def test_what_a_run_waits_for_is_counted_by_kind_and_forgotten_with_a_good_answer() -> None:
    run, _ = take(poll(), fault(), 10)
    run, _ = take(run, fault(), 20)
    assert run.fault == Fault(fault()["problem"], NOW + timedelta(seconds=10), 2)
    run, _ = take(run, fault("throttled"), 30)
    assert run.fault == Fault(fault("throttled")["problem"], NOW + timedelta(seconds=30), 1)
    assert run.failures == 3
    run, _ = take(run, polled(RUNNING), 40)
    assert (run.fault, run.failures, run.polls) == (None, 0, 7)


def test_a_refresh_is_dated_by_graphs_clock_or_else_by_the_hubs() -> None:
    assert take(refresh(), refreshed(), 7)[0].requested_at == REQUESTED
    for unreadable in (None, "soon"):
        assert take(refresh(), refreshed(unreadable), 7)[0].requested_at == NOW + timedelta(seconds=7)


def test_what_a_comparison_needs_is_asked_for_beside_what_the_caller_selects() -> None:
    request = next_request(fetch(select=("id",), expand=("alertDefinition",), changes_for="ops", incidents_limit=7))
    assert request is not None
    assert request[1] == {
        "alertId": ALERT_ID,
        "select": ["id", "isActive"],
        "expand": ["alertConfiguration", "alertDefinition", "alertIncidents"],
        "limit": 7,
    }


@pytest.mark.parametrize("status", ["failed", "skipped"])
def test_an_end_without_success_repeats_what_graph_said(status: str) -> None:
    for text, end in (("No P2.", "Graph's statusDetail: No P2."), (None, "no statusDetail."), (7, "no statusDetail.")):
        _, then = take(watch(), polled({**RUNNING, "status": status, "statusDetail": text}))
        assert get_problem(then)["detail"].endswith(end)


def test_a_timeout_tells_how_often_it_polled_until_when_what_came_last_and_what_to_do() -> None:
    problem = get_problem(take(poll(polls=6), polled(RUNNING), 3600)[1])
    assert problem["detail"].startswith("After 7 polls, until 2026-01-31T13:00:00.000Z: the operation is running.")
    assert "timeoutSeconds" in problem["detail"]
    assert "cause" not in problem


def test_a_timeout_under_throttling_names_its_cause_and_keeps_graphs_ids() -> None:
    throttled = fault("throttled", 120.0)
    throttled["problem"]["graph"] = {"status": 429, "requestId": "r-1"}
    run, then = take(poll(), throttled, 3540)
    assert then == Wait(60, then.reason)
    assert run.next_poll_at is None
    problem = get_problem(take(run, NOTHING, 3600)[1])
    assert problem["cause"] == f"{PREFIX}throttled"
    assert problem["graph"] == {"status": 429, "requestId": "r-1"}
    assert "Graph asked to wait 120 s" in problem["detail"]


running = turns.filter(lambda turn: turn[1]["kind"] != "nothing" or isinstance(turn[0].phase, Expiring))


@quick
@given(running)
def test_every_step_waits_proceeds_or_ends_and_the_history_can_keep_the_run(turn: tuple[Run, Observation]) -> None:
    before, observation = turn
    run, then = step(before, observation, NOW, cancelled=False)
    assert then.reason
    assert isinstance(then, End) == isinstance(run.phase, Ended)
    assert (isinstance(then, Wait) and not isinstance(run.phase, Expiring)) == (run.next_poll_at is not None)
    assert (run.id, run.wish) == (before.id, before.wish)
    assert state.load_run(state.dump_run(run)) == run
    assert make_custom_status(run)["problem"] == run.problem
    assert describe_step(run, observation, then)["decision"] == type(then).__name__.lower()
    if isinstance(then, End):
        assert (then.outcome.result is None) == (then.outcome.problem is not None)
        assert (run.problem, run.fault) == (then.outcome.problem, None)
        return
    assert next_request(run) is not None or isinstance(run.phase, Expiring)
    if isinstance(then, Wait):
        assert then.seconds >= 1
        assert float(then.seconds).is_integer(), "the task hub cuts fractions off"
        assert NOW + timedelta(seconds=then.seconds) < run.wish.deadline + timedelta(seconds=1)
        # A run that expires asks nothing more.
        assert isinstance(run.phase, Expiring) or then.seconds >= (observation.get("retryAfter") or 0)


@quick
@given(running.filter(lambda turn: not isinstance(turn[0].phase, Expiring)))
def test_a_passed_deadline_fails_what_would_wait_and_changes_nothing_else(turn: tuple[Run, Observation]) -> None:
    run, observation = turn
    early, late = (
        step(replace(run, wish=replace(run.wish, deadline=NOW + gap)), observation, NOW, cancelled=False)
        for gap in (timedelta(days=30), -timedelta(seconds=1))
    )
    if not isinstance(early[1], Wait):
        assert early[1] == late[1]
    elif not (isinstance(run.phase, Fetching) and observation["kind"] in {"alert", "alerts"}):
        assert is_problem(late[0].problem, "timed-out")
    else:
        assert isinstance(late[1], End), "the condition is satisfied: the alert is there, though it shows an older scan"


@pytest.mark.parametrize(("target", "told"), [(REFRESH, True), (REFRESH_ALL, False), (WATCH, False)])
def test_the_log_says_why_an_alert_is_fetched_by_its_id(target: Target, *, told: bool) -> None:
    observation = {**polled(SUCCEEDED), "locationRefused": True}
    run = replace(make_sample_run(NOW, target=target), phase=Polling(OPERATION_ID))
    _, then = take(run, observation)
    assert isinstance(then, Proceed)
    assert ("fetched by its id" in then.reason) is told
