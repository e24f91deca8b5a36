"""How late the end of a scan was seen."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.observation import Observation
from domain.scan_end import lag
from tests.support.graph_samples import RUNNING, SUCCEEDED, asked

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
ENDED = {**SUCCEEDED, "lastActionDateTime": "2026-01-31T12:00:00.0000000Z"}
REFRESHED = {"requestedAt": "2026-01-31T11:55:00.000Z"}


def row(seconds: float | None, before: Any, after: dict[str, Any], answered: str | None, **run: Any) -> Any:
    return before, after, answered, run, seconds


LOOKS = {
    "watched": row(4.5, RUNNING, ENDED, "2026-01-31T12:00:04.500Z"),
    "failed": row(4.5, RUNNING, {**ENDED, "status": "failed"}, "2026-01-31T12:00:04.500Z"),
    "refreshed, and over at the first look": row(9.0, None, ENDED, "2026-01-31T12:00:09.000Z", **REFRESHED),
    "the answer's clock is behind": row(0.0, RUNNING, ENDED, "2026-01-31T11:59:58.000Z"),
    "over when it was first watched": row(None, None, ENDED, "2026-01-31T12:00:04.500Z"),
    "the answer has no date": row(None, RUNNING, ENDED, None),
    "the operation has no times": row(
        None,
        RUNNING,
        {**ENDED, "createdDateTime": None, "lastActionDateTime": None},
        "2026-01-31T12:00:04.500Z",
    ),
}


@pytest.mark.parametrize(("before", "after", "answered", "run", "seconds"), LOOKS.values(), ids=LOOKS.keys())
def test_the_lag_is_told_by_the_clocks_of_graph(
    before: Any, after: dict[str, Any], answered: str | None, run: dict[str, Any], seconds: float | None
) -> None:
    look: Observation = {"kind": "operation", "operation": after, "clientRequestId": "c-1"}
    if answered is not None:
        look["answeredAt"] = answered
    waiting = asked(NOW, operation=before, **run)
    assert lag(waiting, {**waiting, "operation": after}, look) == seconds
