"""Durable timers of the task hub."""

import threading
import time
from datetime import timedelta

from emulator.host.hub import TaskHub
from tests.emulator.host.hub_worker import MESSAGE_LIMIT, Worker, again, complete, kinds, start, timer

SOON = timedelta(milliseconds=30)


def test_a_timer_of_an_earlier_execution_never_fires_into_the_next(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(timer(SOON), again())
    worker.turn(timer(2 * SOON, timer_id=2))
    told = worker.turn(complete())
    assert kinds(told) == ["timerFired"]
    assert told.newEvents[-1].timerFired.timerId == 2


def test_a_timer_does_not_outlive_a_restart(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(timer(SOON), complete())
    start(hub)
    assert kinds(worker.turn(timer(2 * SOON, timer_id=2))) == ["executionStarted"]
    assert worker.turn(complete()).newEvents[-1].timerFired.timerId == 2


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
