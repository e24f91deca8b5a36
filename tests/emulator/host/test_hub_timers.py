"""Durable timers of the task hub."""

import threading
import time
from datetime import UTC, timedelta

import aiohttp
import pytest

from emulator.host.hub import HubOptions, TaskHub, Timing
from tests.emulator.host.conftest import sample_host
from tests.emulator.host.hub_worker import (
    MESSAGE_LIMIT,
    Worker,
    again,
    complete,
    kinds,
    raise_event,
    start,
    status,
    timer,
)

SOON = timedelta(milliseconds=30)


def test_a_timer_of_an_earlier_execution_never_fires_into_the_next(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(timer(SOON), again())
    worker.turn(timer(2 * SOON, timer_id=2))
    turn = worker.turn(complete())
    assert kinds(turn) == ["timerFired"]
    assert turn.newEvents[-1].timerFired.timerId == 2


def test_timers_fire_in_the_order_of_their_times(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(timer(3 * SOON, timer_id=1), timer(SOON, timer_id=2), timer(2 * SOON, timer_id=3))
    assert [worker.turn().newEvents[-1].timerFired.timerId for _ in range(3)] == [2, 3, 1]


def test_timers_cost_no_threads_and_do_not_delay_the_stop() -> None:
    hub = TaskHub(MESSAGE_LIMIT)
    hub.start()
    start(hub)
    before = threading.active_count()
    Worker(hub).turn(*(timer(timedelta(hours=1), timer_id=number) for number in range(1, 5001)))
    assert threading.active_count() == before
    began = time.monotonic()
    hub.stop()
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("timing", "length", "lowest", "highest"),
    [(Timing(early_seconds=1.0), 1.1, -1.0, -0.5), (Timing(late_seconds=0.2), 0.01, 0.2, 2.0)],
)
def test_a_timer_can_fire_early_or_late_and_names_the_planned_time(
    timing: Timing, length: float, lowest: float, highest: float
) -> None:
    hub = TaskHub(MESSAGE_LIMIT, HubOptions(timing=timing))
    hub.start()
    worker = Worker(hub)
    start(hub)
    worker.turn(timer(timedelta(seconds=length)))
    clock, fired = worker.turn(complete()).newEvents
    hub.stop()
    late = clock.timestamp.ToDatetime(UTC) - fired.timerFired.fireAt.ToDatetime(UTC)
    assert lowest <= late.total_seconds() < highest


def test_a_start_can_stay_pending_for_a_while() -> None:
    hub = TaskHub(MESSAGE_LIMIT, HubOptions(timing=Timing(start_seconds=0.2)))
    hub.start()
    began = time.monotonic()
    start(hub)
    raise_event(hub)
    assert status(hub) == "PENDING"
    assert kinds(Worker(hub).turn(complete())) == ["executionStarted", "eventRaised"]
    assert time.monotonic() - began >= 0.2
    hub.stop()


async def test_an_orchestrator_goes_on_when_its_timer_fires_early(session: aiohttp.ClientSession) -> None:
    async with sample_host(session, arguments=("--timers-early", "1")) as app:
        began = time.monotonic()
        await app.run(*[["sleep", 0.9]] * 5)
        assert time.monotonic() - began < 5 * 0.9
