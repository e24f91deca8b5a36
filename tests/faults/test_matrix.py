"""The rows of the fault matrix, each played by the app's own activities in virtual time."""

import re

import pytest

from tests.faults.conftest import Play
from tests.faults.row import Row
from tests.faults.rows import ROWS
from tests.faults.truths import TRUTHS


@pytest.mark.parametrize("row", [*ROWS, *TRUTHS], ids=lambda row: row.name)
def test_what_goes_wrong(row: Row, play: Play) -> None:
    app = play(row.scenario)
    kinds = " ".join(call.route for call in app.calls)
    ends, problem = row.ends, app.problem
    name, detail = (problem["type"].rpartition(":")[2], problem["detail"]) if problem else (None, "")

    assert (app.state, name) == (ends.state, ends.problem), detail
    assert re.fullmatch(row.calls, kinds), kinds
    assert [word for word in ends.words if word not in detail] == [], detail
    assert {name: (app.result or {}).get(name) for name in ends.facts} == ends.facts


def test_every_row_has_a_name_of_its_own() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS) > 70
