"""Runs that a released version began go on in today's code: it asks for the same things, in the same order.

What is asked may carry more than it did, and a timer may fire at another time; a different order, or another kind of
thing, is what the task hub calls non-deterministic.
"""

from pathlib import Path

import pytest

from orchestrators.await_alert import await_alert
from orchestrators.deliver_outcome import deliver_outcome
from tests.histories.recording import FOLDER, path_of, read, recordings, version
from tests.support.histories import FIRST_CUT, Ask, asked, ending
from tests.support.run_shapes import SHAPES
from tests.support.virtual_time import VirtualTime

ORCHESTRATORS = {"await_alert": VirtualTime(await_alert, {}), "deliver_outcome": VirtualTime(deliver_outcome, {})}


def without_details(asks: list[Ask]) -> list[tuple[int, str, str]]:
    return [(each.id, each.kind, each.name) for each in asks]


@pytest.mark.parametrize("path", recordings(), ids=lambda path: str(path.relative_to(FOLDER).with_suffix("")))
def test_what_a_released_version_began_goes_on(path: Path) -> None:
    executions = list(read(path))
    for history in executions:
        start = next(event.executionStarted for event in history.events if event.HasField("executionStarted"))
        time = ORCHESTRATORS[start.name]
        for kept in range(FIRST_CUT, len(history.events) + 1):
            response = time.executed(history.cut(kept))
            expected, ended = history.next_asked(kept)
            where = f"after {kept} of {len(history.events)} events: in {path.name}"
            assert without_details(asked(response.actions)) == without_details(expected), where
            now, then = ending(response), ending(history.end) if ended else None
            assert (now and now.orchestrationStatus) == (then and then.orchestrationStatus), where
    assert executions


@pytest.mark.parametrize("shape", SHAPES)
def test_the_present_version_has_a_recording_of_every_shape(shape: str) -> None:
    assert path_of(shape, version()).exists(), "make record-histories"
