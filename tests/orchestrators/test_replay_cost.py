"""What a replay costs: the longest history of a run does not grow with the number of its polls."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest

from alert_refresh.run.state import Run
from orchestrators.await_alert import await_alert
from tests.orchestrators.hub import FETCHED, fault, hub, polled, refreshed, run
from tests.support.graph_samples import REFRESH, RUNNING, SUCCEEDED, make_sample_run
from tests.support.virtual_time import START, Activity, VirtualTime

MOST_EVENTS = 400
MOST_BYTES = 128 * 2**10
MONTHS = 10_000_000.0
"""Seconds: longer than any poll of these runs."""


class Histories(list[tuple[pb.OrchestratorRequest, pb.OrchestratorResponse]]):
    """Measures the history of each step and forgets it: those of ten thousand polls would fill gigabytes."""

    events = 0
    size = 0

    def append(self, step: tuple[pb.OrchestratorRequest, pb.OrchestratorResponse]) -> None:
        request, response = step
        self.events = max(self.events, len(request.pastEvents) + len(request.newEvents) + len(response.actions))
        self.size = max(self.size, request.ByteSize() + response.ByteSize())


def polls(count: int) -> Iterable[Any]:
    return [*itertools.repeat(polled(RUNNING), count - 1), polled(SUCCEEDED)]


def run_of(count: int, before: int = 0) -> tuple[VirtualTime, Histories]:
    """Return the run after `count` polls, `before` of which it had behind it: its state is all that it goes on from."""
    histories = Histories()
    state = replace(make_sample_run(START, seconds=MONTHS), polls=before, operation=RUNNING if before else None)
    return run(hub(polls(count - before), steps=histories), state), histories


def lost_twice(answers: Iterable[Any]) -> Activity:
    """Return an activity whose worker is lost on the first two of three tries."""
    tries, given = itertools.count(1), iter(answers)

    def activity(_: Any) -> Any:
        if next(tries) % 3:
            raise RuntimeError("worker lost")
        return next(given)

    return activity


@pytest.mark.parametrize(("count", "before"), [(10, 0), (100, 0), (1_000, 0), (10_000, 9_900)])
def test_the_longest_history_is_the_same_however_often_the_run_polls(count: int, before: int) -> None:
    time, histories = run_of(count, before)

    assert (time.status, time.custom_statuses[-1]["polls"]) == ("COMPLETED", count)
    assert histories.events < MOST_EVENTS
    assert histories.size < MOST_BYTES


def test_a_hundred_times_the_polls_add_digits_to_a_history_and_no_events() -> None:
    _, hundred = run_of(100)
    _, ten_thousand = run_of(10_000, 9_900)

    assert ten_thousand.events == hundred.events
    assert ten_thousand.size - hundred.size < 100


def watched() -> tuple[Run, dict[str, Activity]]:
    return make_sample_run(START, seconds=MONTHS), {
        "get_operation": lost_twice(polls(40)),
        "fetch_alert": lost_twice([FETCHED]),
    }


def throttled() -> tuple[Run, dict[str, Activity]]:
    state = make_sample_run(START, seconds=MONTHS, target=REFRESH)
    refreshes = [*itertools.repeat(fault("throttled"), 40), refreshed()]
    return state, {**watched()[1], "refresh_alert": lost_twice(refreshes)}


@pytest.mark.parametrize("case", [watched, throttled])
def test_a_history_stays_short_when_every_worker_is_lost_twice(
    case: Callable[[], tuple[Run, dict[str, Activity]]],
) -> None:
    state, activities = case()
    histories = Histories()
    time = run(VirtualTime(await_alert, activities, steps=histories), state)

    assert (time.status, time.custom_statuses[-1]["polls"]) == ("COMPLETED", 40)
    assert histories.events < MOST_EVENTS
    assert histories.size < MOST_BYTES
