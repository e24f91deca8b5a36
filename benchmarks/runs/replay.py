"""One replay of a run's longest history: what each turn of the orchestrator costs, however often it has looked."""

import itertools
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from orchestrators.await_alert import await_alert
from tests.orchestrators.looks import FETCHED, memories, seen
from tests.support.graph_samples import RUNNING, SUCCEEDED, asked
from tests.support.virtual_time import START, VirtualTime

MOST_EVENTS = 400
MOST_BYTES = 128 * 2**10
MOST_SECONDS = 0.010
POLLS = (10, 100, 1_000, 10_000)
PLAYED = 100
"""Looks that are really made. A run's state is all that it goes on from, so those before need only be counted."""
REPEATS = 50
"""The fastest counts: noise only adds."""


@dataclass(frozen=True)
class Replay:
    events: int
    size: int
    seconds: float

    @property
    def figures(self) -> dict[str, float]:
        return {"events": self.events, "bytes": self.size, "milliseconds": round(1000 * self.seconds, 3)}


def replays() -> dict[str, Replay]:
    """Return the cost by the number of looks, and at worst: when two workers are lost at every look."""
    costs = {f"{polls} looks": _cost(polls, losses=0) for polls in POLLS}
    return {**costs, "each worker lost twice": _cost(PLAYED, losses=2)}


def _cost(polls: int, losses: int) -> Replay:
    before = max(polls - PLAYED, 0)
    looks = iter([*itertools.repeat(seen(RUNNING), polls - before - 1), seen(SUCCEEDED)])
    tries = itertools.count()

    def look(_: Any) -> Any:
        if next(tries) % (losses + 1) < losses:
            raise RuntimeError("worker lost")
        return next(looks)

    time = VirtualTime(await_alert, {"get_operation": look, "fetch_alert": lambda _: FETCHED}, entities=memories())
    time.run(asked(START, seconds=1e7, polls=before, operation=RUNNING if before else None))
    request, response = max(time.steps, key=lambda step: step[0].ByteSize())
    time.steps = [(request, response)]
    took: list[float] = []
    for _ in range(REPEATS):
        began = perf_counter()
        time.replay()
        took.append(perf_counter() - began)
    events = len(request.pastEvents) + len(request.newEvents) + len(response.actions)
    return Replay(events, request.ByteSize() + response.ByteSize(), min(took))
