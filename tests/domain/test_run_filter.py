"""Which runs a filter admits, and how much of it the task hub can do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.instance import STATES, Instance, State, state_of
from domain.problem import ProblemName, problem
from domain.run_filter import EVERY_STATE, EVERY_STATUS, STATE_NAMES, RunFilter
from tests.support.graph_samples import asked

CREATED = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)
ALIVE = {"PENDING", "RUNNING", "CONTINUED_AS_NEW", "SUSPENDED"}
PROBLEMS: tuple[ProblemName | None, ...] = (None, "timed-out", "operation-failed", "run-cancelled", "internal-error")


def instance(status: str, why: ProblemName | None = None, phase: str | None = None) -> Instance:
    custom: dict[str, Any] = {"phase": phase, "problem": problem(why, "So it is.") if why else None}
    return Instance("run-1", status, asked(CREATED), custom, None, CREATED)


EVERY_KIND = [
    instance(status, why, phase)
    for status in sorted(EVERY_STATUS)
    for why in PROBLEMS
    for phase in (None, "refreshing", "waiting", "fetching")
]


@pytest.mark.parametrize(
    ("states", "statuses"),
    [
        ({"queued"}, ALIVE),
        ({"refreshing"}, ALIVE),
        ({"waiting"}, ALIVE),
        ({"queued", "waiting", "fetching"}, ALIVE),
        ({"succeeded"}, {"COMPLETED"}),
        ({"failed"}, {"FAILED"}),
        ({"timedOut"}, {"FAILED"}),
        ({"failed", "timedOut"}, {"FAILED"}),
        ({"cancelled"}, {"TERMINATED", "CANCELED", "COMPLETED"}),
        ({"waiting", "failed"}, {*ALIVE, "FAILED"}),
        ({"unreadable"}, set(STATES)),
        (EVERY_STATE, set(STATES)),
    ],
)
def test_the_hub_is_asked_for_no_more_statuses_than_needed(states: set[State], statuses: set[str]) -> None:
    assert RunFilter(frozenset(states)).statuses == statuses


def test_a_run_is_admitted_by_its_own_state_and_found_by_its_own_status() -> None:
    for run in EVERY_KIND:
        admitting = [state for state in STATE_NAMES if RunFilter(frozenset({state})).admits(run)]
        assert admitting == [state_of(run)], run
        assert run.status in RunFilter(frozenset(admitting)).statuses, run


def test_the_first_moment_is_in_and_the_last_is_out() -> None:
    run = instance("RUNNING")

    assert RunFilter().admits(run)
    assert RunFilter(created_from=CREATED, created_before=CREATED + MOMENT).admits(run)
    assert not RunFilter(created_from=CREATED + MOMENT).admits(run)
    assert not RunFilter(created_before=CREATED).admits(run)


@pytest.mark.parametrize("created", ["yesterday", "", "2026-01-31T12:00:00"])
def test_a_run_without_a_time_is_never_admitted(created: str) -> None:
    run = Instance("run-1", "RUNNING", asked(CREATED, createdAt=created), {}, None, CREATED)

    assert not RunFilter().admits(run)
