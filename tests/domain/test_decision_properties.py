"""What holds for every decision, whatever Graph sends and whatever the run had come to."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from hypothesis import example, given
from hypothesis import strategies as st

from domain.custom_status import custom_status
from domain.decision import Decision, decide
from domain.observation import Observation
from domain.observed import observed
from domain.operation import Operation
from domain.problem import ProblemName, is_problem, problem
from domain.retry_after import LONGEST
from domain.run_progress import moved_on
from domain.run_state import RunState
from domain.timestamps import parse_timestamp
from tests.domain.generated import json_values, operations, quick
from tests.support.graph_samples import RUNNING, asked

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)

problems = st.sampled_from(get_args(ProblemName)).map(lambda name: problem(name, "Something."))
retry_afters = st.none() | st.floats(0, LONGEST)


def observations(kind: st.SearchStrategy[Any], **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Observation]:
    made: Callable[..., Any] = st.fixed_dictionaries
    fields = {"kind": kind, "retryAfter": retry_afters, "clientRequestId": st.just("c-1"), **parts}
    strategy: st.SearchStrategy[Observation] = made(fields)
    return strategy


looks = observations(st.just("operation"), operation=operations)
troubles = observations(st.just("tryAgain"), problem=problems)
hopeless = observations(st.just("problem"), problem=problems)
fetched = observations(st.just("alert"), alert=st.dictionaries(st.text(), json_values, max_size=2))
anything = looks | troubles | hopeless | fetched

runs: st.SearchStrategy[RunState] = st.builds(
    lambda seconds, failures, not_before, phase: asked(
        NOW, seconds=seconds, failures=failures, notBefore=not_before, phase=phase
    ),
    st.floats(-86_400, 86_400),
    st.integers(0, 10**6),
    st.sampled_from([None, "2026-01-31T12:00:00.000Z", "0001-01-01T00:00:00.000Z"]),
    st.sampled_from(["waiting", "fetching"]),
)


def deadline(run: RunState) -> datetime:
    moment = parse_timestamp(run["deadline"])
    assert moment is not None
    return moment


@quick
@given(anything, runs)
def test_every_look_ends_in_one_of_four_ways(observation: Observation, before: RunState) -> None:
    run = observed(before, observation)
    decision = decide(observation, run, NOW)
    assert decision.reason
    assert (decision.problem is not None) == (decision.kind == "fail")
    assert decision.kind in {"wait", "fetch", "succeed", "fail"}
    status = custom_status(moved_on(run, decision, NOW), decision.problem)
    assert status["problem"] == decision.problem
    assert (status["nextPollAt"] is not None) == (decision.kind == "wait")


@quick
@given(looks | troubles, runs)
@example({"kind": "operation", "operation": {**RUNNING}, "retryAfter": 3600.0, "clientRequestId": "c-1"}, asked(NOW))
def test_a_wait_is_never_shorter_than_asked_and_never_past_the_deadline(
    observation: Observation, run: RunState
) -> None:
    decision = decide(observation, run, NOW)
    if decision.kind == "wait":
        assert decision.delay >= (observation["retryAfter"] or 0)
        assert decision.delay >= 1
        assert decision.delay.is_integer(), "the task hub cuts fractions off"
        assert NOW + timedelta(seconds=decision.delay) < deadline(run) + timedelta(seconds=1)


@quick
@given(looks, runs)
def test_nothing_but_succeeded_leads_to_the_alert(observation: Observation, run: RunState) -> None:
    decision = decide(observation, run, NOW)
    status = str(Operation(observation["operation"]).status).lower()
    assert decision.kind != "succeed"
    assert decision.kind != "fetch" or status == "succeeded"
    if status not in {"succeeded", "failed", "skipped"}:
        assert decision.kind in {"wait", "fail"}


@quick
@given(looks, runs)
def test_a_satisfied_condition_wins_over_an_exhausted_deadline(observation: Observation, run: RunState) -> None:
    in_time, too_late = (
        decide(observation, asked(NOW, seconds=s, notBefore=run["notBefore"]), NOW) for s in (3600, -1)
    )
    if in_time.kind == "wait":
        assert is_problem(too_late.problem, "timed-out")
    elif observation["retryAfter"] is None:
        assert too_late == in_time


@quick
@given(anything, runs)
def test_the_same_look_is_decided_the_same(observation: Observation, run: RunState) -> None:
    first: Decision = decide(observation, run, NOW)
    assert first == decide(observation, run, NOW)
