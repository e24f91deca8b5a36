"""How a run ends, as the API answers it and the callback gets it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.decision import Decision, unless_cancelled
from domain.outcome import Outcome, outcome
from domain.problem import problem
from tests.support.graph_samples import ALERT, SUCCEEDED, asked

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
WAIT, FETCH = Decision("wait", "it runs", 30.0), Decision("fetch", "it succeeded")
LATE = Decision("fail", "late", problem=problem("timed-out", "Late."))


@pytest.mark.parametrize(
    ("scanned", "not_before", "operation", "fresh"),
    [
        ("2023-06-09T22:56:08.52Z", None, SUCCEEDED, True),
        ("2023-06-09T22:50:41.5414467Z", None, SUCCEEDED, True),
        ("2023-06-09T22:50:41Z", None, SUCCEEDED, False),
        ("2023-06-09T22:56:08.52Z", "2023-06-09T22:56:08.520Z", SUCCEEDED, True),
        ("2023-06-09T22:56:08.52Z", "2023-06-09T22:56:08.521Z", SUCCEEDED, False),
        ("0001-01-01T08:00:00Z", None, SUCCEEDED, False),
        ("2020-03-19T12-01-03.45Z", None, SUCCEEDED, None),
        (None, None, SUCCEEDED, None),
        ("2023-06-09T22:56:08.52Z", None, {**SUCCEEDED, "createdDateTime": None}, None),
        ("2023-06-09T22:56:08.52Z", None, None, None),
    ],
)
def test_fresh_tells_whether_the_scan_is_the_one_asked_for(
    scanned: Any, not_before: str | None, operation: dict[str, Any] | None, *, fresh: bool | None
) -> None:
    alert = {**ALERT, "lastScannedDateTime": scanned}
    run = asked(NOW - timedelta(days=900), phase="fetching", operation=operation, notBefore=not_before, alert=alert)
    assert outcome("run-1", run, Decision("succeed", "fetched")) == Outcome(
        result={
            "runId": "run-1",
            "operation": operation,
            "alert": alert,
            "scannedAt": scanned,
            "fresh": fresh,
            "incidentCount": 2,
            "incidentsFetched": None,
            "incidentsTruncated": False,
            "incidentsUrl": None,
            "changed": None,
            "changes": None,
        }
    )


@pytest.mark.parametrize("scanned", [7, {}, True, ["2023-06-09T22:56:08.52Z"]])
def test_what_is_no_time_is_not_called_one(scanned: Any) -> None:
    alert = {**ALERT, "lastScannedDateTime": scanned}
    ended = outcome("run-1", asked(NOW, alert=alert), Decision("succeed", "fetched"))
    assert ended is not None
    assert ended.result is not None
    assert (ended.result["scannedAt"], ended.result["fresh"]) == (None, None)


@pytest.mark.parametrize("decision", [WAIT, FETCH])
def test_a_run_goes_on_unless_it_was_cancelled(decision: Decision) -> None:
    assert outcome("run-1", asked(NOW), unless_cancelled(decision, cancelled=False)) is None
    ended = outcome("run-1", asked(NOW), unless_cancelled(decision, cancelled=True))
    assert ended is not None
    assert ended.problem is not None
    assert ended.problem["type"].endswith(":run-cancelled")
    assert ended.problem["instance"] == "urn:uuid:run-1"


@pytest.mark.parametrize("decision", [LATE, Decision("succeed", "fetched")])
def test_what_is_over_cannot_be_cancelled(decision: Decision) -> None:
    assert unless_cancelled(decision, cancelled=True) == decision


def test_a_problem_names_the_run_that_met_it() -> None:
    assert outcome("run-1", asked(NOW), LATE) == Outcome(
        problem={**problem("timed-out", "Late."), "instance": "urn:uuid:run-1"}
    )
