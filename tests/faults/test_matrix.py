"""The rows of the fault matrix, each played by the app's own activities in virtual time."""

import re

import pytest

from tests.faults.answers import DONE, RUNS, alert, refused
from tests.faults.conftest import Play
from tests.faults.row import EXPANDED, FRESH, UNKNOWN, Row, row
from tests.faults.rows import ROWS
from tests.faults.truths import TRUTHS
from tests.support.graph_samples import ALERT_URL

ACTIVITIES = {"refresh": "refresh_alert", "poll": "get_operation", "fetch": "fetch_alert"}


@pytest.mark.parametrize("row", [*ROWS, *TRUTHS], ids=lambda row: row.name)
def test_what_goes_wrong(row: Row, play: Play, caplog: pytest.LogCaptureFixture) -> None:
    app = play(row)
    ends, problem = row.ends, app.problem
    name, detail = (problem["type"].rpartition(":")[2], problem["detail"]) if problem else (None, "")

    assert (app.state, name) == (ends.state, ends.problem), detail
    expected = re.sub(r"(\w+)(\S*) ?", r"(\1 )\2", row.calls)
    calls = "".join(f"{call.route} " for call in app.graph.calls)
    assert re.fullmatch(expected, calls), calls
    assert [word for word in ends.words if word not in detail] == [], detail
    assert {name: (app.result or {}).get(name) for name in ends.facts} == ends.facts
    assert ends.logs in caplog.text


def test_every_row_has_a_name_of_its_own() -> None:
    assert len({row.name for row in [*ROWS, *TRUTHS]}) == len(ROWS) + len(TRUTHS)


def test_no_activity_waits_or_asks_again_by_itself(play: Play) -> None:
    polls, fetches = [RUNS, refused(503), DONE], [refused(503), alert()]
    app = play(row("503", FRESH, "refresh poll{3} fetch{2}", poll=polls, fetch=fetches))

    asked = [(call.at, ACTIVITIES[call.route]) for call in app.graph.calls]
    assert [(at, name) for at, name, _ in app.time.calls] == asked


def test_incidents_name_people_and_can_be_large(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    """What does not fit stays out of the durable history, with a link to it; and no person is in the log."""
    people = [{"id": str(n), "assigneeUserPrincipalName": f"anna{n}@contoso.example"} for n in range(50)]
    sent = alert(incidentCount=50, alertIncidents=people)
    few, all_of_them = (
        play(row("many", UNKNOWN, "poll fetch", asked={**EXPANDED, "incidents_limit": limit}, fetch=[sent]))
        for limit in (700, 100_000)
    )

    [cut] = few.result["incidentsCut"]
    kept = len(few.result["alert"]["alertIncidents"])
    assert (cut["returned"], cut["count"], cut["url"]) == (kept, 50, f"{ALERT_URL}/alertIncidents")
    assert 0 < kept < 50
    assert not any(b"anna49@" in request.SerializeToString() for request, _ in few.time.steps)
    assert all_of_them.result["alert"]["alertIncidents"] == people
    assert "anna" not in caplog.text
