"""Durable timers of the task hub."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from emulator.host.hub import HubOptions, TaskHub, Timing
from tests.emulator.host.conftest import APPS, YEARLY, DurableApp
from tests.emulator.host.hub_worker import MESSAGE_LIMIT, Worker, again, complete, kinds, start, timer
from tests.support.host_process import host_process

SOON = timedelta(milliseconds=30)


def test_a_timer_of_an_earlier_execution_never_fires_into_the_next(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(timer(SOON), again())
    worker.turn(timer(2 * SOON, timer_id=2))
    told = worker.turn(complete())
    assert kinds(told) == ["timerFired"]
    assert told.newEvents[-1].timerFired.timerId == 2


def test_timers_cost_no_threads_and_do_not_delay_the_stop() -> None:
    hub = TaskHub(MESSAGE_LIMIT)
    hub.start()
    worker = Worker(hub)
    start(hub)
    before = threading.active_count()
    worker.turn(*(timer(timedelta(hours=1), timer_id=number) for number in range(1, 5001)))
    assert threading.active_count() == before
    began = time.monotonic()
    hub.stop()
    assert time.monotonic() - began < 1


def test_timers_fire_in_the_order_of_their_times(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(timer(3 * SOON, timer_id=1), timer(SOON, timer_id=2), timer(2 * SOON, timer_id=3))
    fired = [worker.turn().newEvents[-1].timerFired.timerId for _ in range(3)]
    assert fired == [2, 3, 1]


@pytest.fixture
def hub_with() -> Iterator[Callable[[Timing], TaskHub]]:
    hubs = []

    def make(timing: Timing) -> TaskHub:
        hubs.append(TaskHub(MESSAGE_LIMIT, HubOptions(timing=timing)))
        hubs[-1].start()
        return hubs[-1]

    yield make
    for hub in hubs:
        hub.stop()


def fire(hub: TaskHub, length: timedelta) -> tuple[datetime, datetime]:
    """Set a timer; return when it fires, by the orchestration's clock, and when it was planned to."""
    worker = Worker(hub)
    start(hub)
    worker.turn(timer(length))
    clock, fired = worker.turn(complete()).newEvents
    assert (clock.WhichOneof("eventType"), fired.WhichOneof("eventType")) == ("orchestratorStarted", "timerFired")
    return clock.timestamp.ToDatetime(UTC), fired.timerFired.fireAt.ToDatetime(UTC)


def test_a_timer_can_fire_before_its_time_and_names_the_planned_one(hub_with: Callable[[Timing], TaskHub]) -> None:
    clock, planned = fire(hub_with(Timing(early_seconds=1.0)), timedelta(seconds=1.1))
    assert 0.5 < (planned - clock).total_seconds() <= 1.0


def test_a_timer_can_fire_after_its_time(hub_with: Callable[[Timing], TaskHub]) -> None:
    clock, planned = fire(hub_with(Timing(late_seconds=0.2)), timedelta(seconds=0.01))
    assert (clock - planned).total_seconds() >= 0.2


async def test_an_orchestrator_goes_on_when_its_timer_fires_early(session: aiohttp.ClientSession) -> None:
    arguments = ("--timers-early", "1")
    async with host_process(APPS / "durable", environment={"NIGHTLY_SCHEDULE": YEARLY}, arguments=arguments) as host:
        app = DurableApp(host, session)
        assert await app.run("timed", 0.9) < 0.9
        assert 0.2 <= await app.run("timed", 1.2) < 1.2
