"""One refresh for all runs that want one at about the same time."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert_memory import NOTHING, AlertMemory
from domain.refresh_sharing import LOOK_AGAIN, RefreshReport, claim, gave_up, over, refreshed
from domain.timestamps import format_timestamp
from tests.domain.generated import quick

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
GO_AHEAD = {"kind": "refresh"}


def at(seconds: float) -> str:
    return format_timestamp(NOW + timedelta(seconds=seconds))


def asked(memory: AlertMemory, run_id: str, seconds: float) -> tuple[AlertMemory, Any]:
    return claim(memory, {"runId": run_id, "now": at(seconds)})


def report(run_id: str, seconds: float, *, graphs_clock: float | None = None) -> RefreshReport:
    requested = at(seconds if graphs_clock is None else graphs_clock)
    return {"runId": run_id, "operationId": "refresh:alert", "requestedAt": requested, "now": at(seconds)}


def claimed() -> AlertMemory:
    return asked(NOTHING, "a", 0)[0]


def shared(seconds: float = 2) -> AlertMemory:
    return refreshed(claimed(), report("a", seconds))[0]


def test_the_first_run_refreshes_and_the_next_one_uses_its_refresh() -> None:
    memory, answer = asked(NOTHING, "a", 0)
    assert answer == GO_AHEAD
    memory, answer = asked(memory, "b", 1)
    assert answer == {"kind": "wait", "seconds": LOOK_AGAIN}
    memory, _ = refreshed(memory, report("a", 2, graphs_clock=1.5))
    memory, answer = asked(memory, "b", 6)
    assert answer == {
        "kind": "use",
        "operationId": "refresh:alert",
        "requestedAt": at(1.5),
        "askedAt": at(2),
    }


def test_a_run_that_asks_again_gets_the_same_answer() -> None:
    assert asked(claimed(), "a", 1)[1] == GO_AHEAD
    assert asked(shared(), "a", 3)[1]["kind"] == "use"


def test_a_refresh_is_shared_for_a_minute() -> None:
    assert asked(shared(2), "b", 61.9)[1]["kind"] == "use"
    assert asked(shared(2), "b", 62)[1] == GO_AHEAD


def test_a_refresh_that_is_over_is_too_old_for_who_comes_now() -> None:
    memory, _ = over(shared(2), {"operationId": "refresh:alert", "requestedAt": at(2)})
    assert asked(memory, "b", 3)[1] == GO_AHEAD


def test_the_end_of_an_earlier_scan_does_not_end_this_one() -> None:
    memory, _ = over(shared(2), {"operationId": "refresh:alert", "requestedAt": at(-300)})
    assert asked(memory, "b", 3)[1]["kind"] == "use"
    assert over(NOTHING, {"operationId": "refresh:alert", "requestedAt": at(2)})[0] == NOTHING


def test_a_run_that_gave_up_makes_way_at_once() -> None:
    memory, _ = gave_up(claimed(), {"runId": "a"})
    assert asked(memory, "b", 1)[1] == GO_AHEAD


def test_nobody_drops_the_claim_of_another_run() -> None:
    assert gave_up(claimed(), {"runId": "b"})[0] == claimed()
    memory, _ = refreshed(claimed(), report("late", 1))
    memory, _ = over(memory, {"operationId": "refresh:alert", "requestedAt": at(1)})
    assert asked(memory, "b", 2)[1]["kind"] == "wait"


def test_the_claim_of_a_run_that_died_expires() -> None:
    assert asked(claimed(), "b", 59)[1] == {"kind": "wait", "seconds": 1.0}
    assert asked(claimed(), "b", 60)[1] == GO_AHEAD


def test_a_report_that_comes_late_does_not_replace_a_newer_refresh() -> None:
    memory, _ = refreshed(shared(62), report("late", 64, graphs_clock=5))
    assert memory["refresh"] == shared(62)["refresh"]


def test_a_newer_refresh_replaces_one_that_is_over() -> None:
    memory, _ = over(shared(2), {"operationId": "refresh:alert", "requestedAt": at(2)})
    memory, _ = refreshed(memory, report("b", 70))
    answer = asked(memory, "c", 71)[1]
    assert answer == {"kind": "use", "operationId": "refresh:alert", "requestedAt": at(70), "askedAt": at(70)}


@pytest.mark.parametrize("ahead", [0.5, 30])
def test_a_clock_that_lags_behind_the_claims_still_waits(ahead: float) -> None:
    assert asked(claimed(), "b", -ahead)[1] == {"kind": "wait", "seconds": LOOK_AGAIN}


def test_a_clock_that_is_far_off_blocks_nobody() -> None:
    assert asked(claimed(), "b", -3600)[1] == GO_AHEAD


@pytest.mark.parametrize("now", ["", "noon", "2026-01-31T12:00:00", 12, None])
def test_a_question_without_a_readable_time_is_refused(now: Any) -> None:
    with pytest.raises(ValueError, match="`now` must be an ISO 8601 time with an offset"):
        claim(NOTHING, {"runId": "a", "now": now})


RUNS = st.sampled_from(["a", "b", "c"])
STEPS = st.lists(
    st.tuples(
        st.floats(0, 40),
        RUNS,
        st.sampled_from(["claim", "claim", "claim", "refreshed", "gave_up", "over"]),
    ),
    max_size=40,
)


def step(memory: AlertMemory, run_id: str, operation: str, now: float) -> tuple[AlertMemory, Any]:
    match operation:
        case "claim":
            return asked(memory, run_id, now)
        case "refreshed":
            return refreshed(memory, report(run_id, now))
        case "gave_up":
            return gave_up(memory, {"runId": run_id})
    last = memory["refresh"]
    return over(memory, {"operationId": "refresh:alert", "requestedAt": last["requestedAt"] if last else at(now)})


@quick
@given(STEPS)
def test_no_two_runs_are_told_to_refresh_within_a_minute_without_a_report_in_between(
    steps: list[tuple[float, str, str]],
) -> None:
    memory, now = NOTHING, 0.0
    told: dict[str, float] = {}
    for passed, run_id, operation in steps:
        now = round(now + passed, 3)
        memory, answer = step(memory, run_id, operation, now)
        assert json.loads(json.dumps(memory)) == memory
        if answer == GO_AHEAD:
            # The first to be told may go again, as when its answer was lost.
            assert not [other for other, when in told.items() if other != run_id and now - when < 59.998]
            told[run_id] = now
        elif operation in {"refreshed", "gave_up"}:
            told.pop(run_id, None)


@quick
@given(STEPS, st.floats(0, 40), RUNS)
def test_a_claim_blocks_for_a_minute_at_most(steps: list[tuple[float, str, str]], passed: float, run_id: str) -> None:
    memory, now = NOTHING, 0.0
    for before, other, operation in steps:
        now += before
        memory, _ = step(memory, other, operation, now)
    now += passed
    waited = 0.0
    while (answer := asked(memory, run_id, now + waited)[1])["kind"] == "wait":
        assert 0 < answer["seconds"] <= 5
        waited += answer["seconds"]
    assert waited <= 60.002
