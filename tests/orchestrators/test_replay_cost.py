"""What a replay costs: the longest history of a run does not grow with the number of its polls."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import count, repeat
from typing import Any

from orchestrators.await_alert import await_alert
from tests.orchestrators.hub import FETCHED, fault, hub, polled, refreshed, run
from tests.support.graph_samples import REFRESH, RUNNING, SUCCEEDED, make_sample_run
from tests.support.virtual_time import START, Activity, VirtualTime

MONTHS = 10_000_000.0
"""Seconds: longer than any poll of these runs."""


def measure_longest(time: VirtualTime) -> tuple[int, int]:
    """Return the events and the bytes of the longest history. Both must stay small, however long the run is."""
    events = max(len(past.pastEvents) + len(past.newEvents) + len(then.actions) for past, then in time.steps)
    size = max(past.ByteSize() + then.ByteSize() for past, then in time.steps)
    assert events < 400
    assert size < 128 * 2**10
    return events, size


def run_of(polls: int, before: int) -> VirtualTime:
    """Return the run after `polls` polls, `before` of which it had behind it: its state is all that it goes on from."""
    state = replace(make_sample_run(START, seconds=MONTHS), polls=before, operation=RUNNING if before else None)
    return run(hub([*repeat(polled(RUNNING), polls - before - 1), polled(SUCCEEDED)]), state)


def test_a_hundred_times_the_polls_add_digits_to_a_history_and_no_events() -> None:
    hundred, ten_thousand = run_of(100, 0), run_of(10_000, 9_900)

    assert [time.custom_statuses[-1]["polls"] for time in (hundred, ten_thousand)] == [100, 10_000]
    (events, size), (more_events, more_size) = measure_longest(hundred), measure_longest(ten_thousand)
    assert more_events == events
    assert more_size - size < 100


def lose_twice(answers: Iterable[Any]) -> Activity:
    """Return an activity whose worker is lost on the first two of three tries."""
    tries, given = count(1), iter(answers)

    def activity(_: Any) -> Any:
        if next(tries) % 3:
            raise RuntimeError("worker lost")
        return next(given)

    return activity


def test_a_history_stays_short_when_every_worker_is_lost_twice() -> None:
    activities = {
        "refresh_alert": lose_twice([*repeat(fault("throttled"), 40), refreshed()]),
        "get_operation": lose_twice([*repeat(polled(RUNNING), 39), polled(SUCCEEDED)]),
        "fetch_alert": lose_twice([FETCHED]),
    }
    time = run(VirtualTime(await_alert, activities), make_sample_run(START, seconds=MONTHS, target=REFRESH))

    assert (time.status, time.custom_statuses[-1]["polls"]) == ("COMPLETED", 40)
    measure_longest(time)
