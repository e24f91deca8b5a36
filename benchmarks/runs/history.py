"""How long the history of one run becomes. Counted in virtual time: the same every time."""

from itertools import count
from typing import Any

from alert_refresh.run.state import dump_run
from orchestrators.await_alert import await_alert
from tests.orchestrators.hub import FETCHED, polled
from tests.support.graph_samples import RUN_ID, RUNNING, SUCCEEDED, make_sample_run
from tests.support.virtual_time import START, VirtualTime


class LongestHistory(list[Any]):
    """Counts the events of each step and forgets the step: those of ten thousand polls would fill gigabytes."""

    events = 0

    def append(self, step: Any) -> None:
        request, response = step
        self.events = max(self.events, len(request.pastEvents) + len(request.newEvents) + len(response.actions))


def count_events(polls: int) -> int:
    """Return the events of the longest history of a run that polls `polls` times."""
    longest, made = LongestHistory(), count(1)
    activities = {
        "get_operation": lambda _: polled(SUCCEEDED if next(made) >= polls else RUNNING),
        "fetch_alert": lambda _: FETCHED,
    }
    time = VirtualTime(await_alert, activities, steps=longest)
    time.run(dump_run(make_sample_run(START, seconds=1e7)), RUN_ID)
    if (time.status, next(made)) != ("COMPLETED", polls + 1):
        raise RuntimeError(f"The run ended as {time.status}: {time.failure}")
    return longest.events
