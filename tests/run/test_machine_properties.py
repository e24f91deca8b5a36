"""What holds for every step, whatever Graph sends and however far the run has come."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from alert_refresh.problems import is_problem
from alert_refresh.run.documents import describe_step, make_custom_status
from alert_refresh.run.freshness import Operation
from alert_refresh.run.machine import End, Proceed, Wait, next_request, step
from alert_refresh.run.observations import Observation
from alert_refresh.run.state import Ended, Expiring, Fetching, Run, dump_run, load_run
from tests.run.generated import NOW, build_runs, polled, turns
from tests.support.generated import quick

running = turns.filter(lambda turn: turn[1]["kind"] != "nothing" or isinstance(turn[0].phase, Expiring))


@quick
@given(running)
def test_every_step_waits_proceeds_or_ends_and_the_history_can_keep_the_run(turn: tuple[Run, Observation]) -> None:
    before, observation = turn
    run, then = step(before, observation, NOW, cancelled=False)
    assert then.reason
    assert isinstance(then, End) == isinstance(run.phase, Ended)
    assert isinstance(then, Wait) == (run.next_poll_at is not None)
    assert (run.id, run.wish) == (before.id, before.wish)
    assert load_run(dump_run(run)) == run
    assert make_custom_status(run)["problem"] == run.problem
    assert describe_step(run, observation, then)["decision"] == type(then).__name__.lower()
    if isinstance(then, End):
        assert (then.outcome.result is None) == (then.outcome.problem is not None)
        assert (run.problem, run.fault) == (then.outcome.problem, None)
    else:
        assert next_request(run) is not None or isinstance(run.phase, Expiring)


@quick
@given(running)
def test_a_wait_is_whole_seconds_not_shorter_than_graph_asked_and_not_past_the_second_of_the_deadline(
    turn: tuple[Run, Observation],
) -> None:
    run, observation = turn
    after, then = step(run, observation, NOW, cancelled=False)
    if isinstance(then, Wait):
        assert then.seconds >= 1
        assert float(then.seconds).is_integer(), "the task hub cuts fractions off"
        assert NOW + timedelta(seconds=then.seconds) < run.wish.deadline + timedelta(seconds=1)
        # A run that expires asks nothing more.
        assert isinstance(after.phase, Expiring) or then.seconds >= (observation.get("retryAfter") or 0)


@quick
@given(build_runs("polling"), polled)
def test_nothing_but_succeeded_leads_to_a_fetch(run: Run, observation: Observation) -> None:
    after, then = step(run, observation, NOW, cancelled=False)
    status = str(Operation(observation["operation"]).status).lower()
    assert isinstance(then, Proceed) == isinstance(after.phase, Fetching)
    assert not isinstance(then, Proceed) or status == "succeeded"
    if status not in {"succeeded", "failed", "skipped"}:
        assert isinstance(then, Wait) or is_problem(after.problem, "timed-out")


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


@quick
@given(turns)
def test_a_step_is_deterministic(turn: tuple[Run, Observation]) -> None:
    run, observation = turn
    first = step(run, observation, NOW, cancelled=False)
    assert first == step(load_run(dump_run(run)), observation, NOW, cancelled=False)


@quick
@given(turns, st.booleans())
def test_a_cancelled_run_ends_and_what_ends_it_anyway_stands(turn: tuple[Run, Observation], later: bool) -> None:  # noqa: FBT001
    run, observation = turn
    now = NOW + timedelta(days=2 * later)
    _, then = step(run, observation, now, cancelled=True)
    _, otherwise = step(run, observation, now, cancelled=False)
    assert isinstance(then, End)
    if isinstance(otherwise, End):
        assert then == otherwise
    else:
        assert is_problem(then.outcome.problem, "run-cancelled")
