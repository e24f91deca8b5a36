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


def test_every_kind_of_end_is_among_the_shapes() -> None:
    times = [make() for make in SHAPES.values()]
    problems = {
        str(status["problem"]["type"]) for time in times for status in time.custom_statuses if status.get("problem")
    }

    assert {time.status for time in times} == {"COMPLETED", "FAILED"}
    assert {kind.rpartition(":")[2] for kind in problems} >= {"timed-out", "operation-failed", "run-cancelled"}
    assert any(len(list(histories(time))) > 1 for time in times), "none continues as new"
    assert any(time.children for time in times), "none calls back"
