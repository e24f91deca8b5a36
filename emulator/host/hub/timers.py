"""Durable timers on one thread: a heap of due times and a condition to sleep on."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from datetime import datetime


class TimerQueue:
    """Runs callbacks at the times it is given, never early. Callbacks must be short: they share the thread."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="durable-timers", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Drop what is not due yet and wait for the thread to end."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    def at(self, due: datetime, callback: Callable[[], None]) -> None:
        with self._changed:
            heapq.heappush(self._heap, (due.timestamp(), next(self._order), callback))
            self._changed.notify()

    def _run(self) -> None:
        while (callback := self._next()) is not None:
            callback()

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            while not self._stopping:
                wait = self._heap[0][0] - time.time() if self._heap else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._heap)[2]
                self._changed.wait(wait)
            return None
