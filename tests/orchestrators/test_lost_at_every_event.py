"""A host may die at any moment. Whatever of a history was kept, the run goes on from there as it would have gone on."""

import pytest

from tests.support.histories import FIRST_CUT, asked, ending, histories
from tests.support.run_shapes import SHAPES


@pytest.mark.parametrize("shape", SHAPES)
def test_what_was_lost_after_any_event_is_asked_for_again_and_nothing_else(shape: str) -> None:
    time = SHAPES[shape]()
    executions = list(histories(time))
    for history in executions:
        for kept in range(FIRST_CUT, len(history.events) + 1):
            response = time.executed(history.cut(kept))
            expected, ended = history.next_asked(kept)
            assert asked(response.actions) == expected, f"after {kept} of {len(history.events)} events"
            assert ending(response) == (ending(history.end) if ended else None)
    assert executions
