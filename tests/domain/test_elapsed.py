"""How long a scan has been under way, as one table: what Graph's clocks say, and what counts when they say nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from domain.elapsed import LONGEST_SCAN, elapsed
from domain.observation import Observation
from domain.timestamps import format_timestamp
from tests.domain.generated import operations, quick
from tests.support.graph_samples import RUNNING, SUCCEEDED, asked

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
"""The task hub's clock. Graph's is that of the sample, two and a half years behind."""
CREATED = "2023-06-09T22:50:41.5414467Z"
A_MINUTE_ON = "2023-06-09T22:51:41.541Z"
A_WEEK_ON = "2023-06-16T22:50:41.541Z"
WATCHES: dict[str, Any] = {"createdAt": format_timestamp(NOW - timedelta(seconds=7))}
"""For seven seconds."""
REFRESHED: dict[str, Any] = {
    "requestedAt": "2023-06-09T22:50:41.000Z",
    "refreshedAt": format_timestamp(NOW - timedelta(seconds=9)),
}
"""Nine seconds ago, by the task hub's clock."""


def seen(answered: str | None = A_MINUTE_ON, **changes: Any) -> Observation:
    look: Observation = {"kind": "operation", "operation": {**RUNNING, **changes}, "clientRequestId": "c-1"}
    return look if answered is None else {**look, "answeredAt": answered}


JUST_TAKEN: Observation = {
    "kind": "refreshed",
    "refreshed": {"operationId": "x", "requestedAt": CREATED},
    "clientRequestId": "c-0",
}
NO_ANSWER: Observation = {"kind": "problem", "clientRequestId": "c-1"}
STALE = {**SUCCEEDED, "createdDateTime": "2023-06-08T22:50:41Z", "lastActionDateTime": "2023-06-08T22:56:09Z"}

TABLE: list[tuple[str, Observation, dict[str, Any], float]] = [
    ("Graph tells", seen(), WATCHES, 60),
    ("Graph tells, and the run knows better when it asked", seen(), REFRESHED, 60),
    ("seven digits, at once", seen("2023-06-09T22:50:41.542Z"), WATCHES, 0),
    ("no Date", seen(None), WATCHES, 7),
    ("a Date that is none", seen("soon"), WATCHES, 7),
    ("no Date, after a refresh", seen(None), REFRESHED, 9),
    ("created in the future", seen("2023-06-09T22:50:40Z"), WATCHES, 7),
    ("created in year 1", seen(createdDateTime="0001-01-01T00:00:00Z"), WATCHES, 7),
    ("created long ago", seen(A_WEEK_ON), WATCHES, 7),
    ("created at no time", seen(createdDateTime="2023-06-09T22-50"), WATCHES, 7),
    ("created null", seen(createdDateTime=None), WATCHES, 7),
    ("created at a number", seen(createdDateTime=1686351041), WATCHES, 7),
    ("created before the refresh: since the refresh", seen(createdDateTime="2023-06-09T20:00:00Z"), REFRESHED, 60.541),
    ("created null: since the refresh", seen(createdDateTime=None), REFRESHED, 60.541),
    ("created a little before the refresh, by another clock", seen(createdDateTime=CREATED), REFRESHED, 60),
    ("the end of an earlier scan", seen(**STALE), REFRESHED, 60.541),
    ("the end of an earlier scan, before notBefore", seen(**STALE), {**WATCHES, "notBefore": CREATED}, 60),
    ("a notBefore that is to come", seen(**STALE), {**WATCHES, "notBefore": A_WEEK_ON}, 7),
    ("an earlier scan that still runs", seen(), {**WATCHES, "notBefore": A_WEEK_ON}, 60),
    ("the refresh was taken just now", JUST_TAKEN, {**WATCHES, "requestedAt": CREATED}, 0),
    ("another run's refresh", JUST_TAKEN, REFRESHED, 9),
    ("not to be read yet", NO_ANSWER, REFRESHED, 9),
    ("a clock that went back", seen(None), {"createdAt": format_timestamp(NOW + timedelta(seconds=1))}, 0),
    ("a run that cannot tell when it began", seen(None), {"createdAt": "then"}, 0),
]


@pytest.mark.parametrize(("look", "run", "seconds"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_table(look: Observation, run: dict[str, Any], seconds: float) -> None:
    assert elapsed(look, asked(NOW, **run), NOW) == pytest.approx(seconds, abs=0.001)


@quick
@given(operations)
def test_whatever_graph_sends_it_is_the_length_of_a_scan(operation: dict[str, Any]) -> None:
    look: Observation = {"kind": "operation", "operation": operation, "answeredAt": CREATED, "clientRequestId": "c-1"}
    for run in (WATCHES, REFRESHED):
        assert 0 <= elapsed(look, asked(NOW, **run), NOW) <= LONGEST_SCAN.total_seconds()
