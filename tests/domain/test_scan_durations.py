"""Which scans teach, under which name, and what becomes of what is known."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.durations import PRIOR, learned
from domain.run_state import Target
from domain.scan_durations import ALL_ALERTS, OTHER, Saw, saw, scan_kind, scan_seen
from tests.support.graph_samples import ALERT_ID, OPERATION_ID, RUNNING, SUCCEEDED, asked

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
TOOK = 327.488
"""Seconds from the creation of the sample operation to its last action."""
STALE = {**SUCCEEDED, "createdDateTime": "2023-06-08T22:50:41Z", "lastActionDateTime": "2023-06-08T22:56:09Z"}
REFRESHED = {"requestedAt": "2023-06-09T22:50:41.000Z"}
FIRST: Saw = {"kind": "StaleSignInAlert", "seconds": 300.0, "endedAt": "2026-01-31T12:00:00.000Z"}


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ({"alertId": ALERT_ID}, "StaleSignInAlert"),
        ({"operationId": OPERATION_ID}, "StaleSignInAlert"),
        ({"allAlerts": True}, ALL_ALERTS),
        ({"operationId": "5c5670d6-a2c0-a394-ef42-982954856de5"}, OTHER),
        ({"operationId": "StaleSignInAlert"}, OTHER),
        ({"alertId": "DirectoryRole_StaleSignInAlert_19356be4-7e93-4ed6-a7c6-0ae28454d125"}, OTHER),
        ({"alertId": "DirectoryRole_x_"}, OTHER),
        ({"alertId": "DirectoryRole_x_Stale Sign In"}, OTHER),
        ({"alertId": "DirectoryRole_x_Ünïcode"}, OTHER),
        ({"alertId": "DirectoryRole_x_" + "x" * 65}, OTHER),
    ],
)
def test_the_kind_is_the_name_of_the_alert_and_nothing_else_of_an_id(target: Target, kind: str) -> None:
    assert scan_kind(target) == kind


def row(seconds: float | None, before: Any, after: dict[str, Any], **run: Any) -> tuple[Any, Any, Any, float | None]:
    return before, after, run, seconds


SCANS = {
    "watched from before its end": row(TOOK, RUNNING, SUCCEEDED),
    "refreshed, and over at the first look": row(TOOK, None, SUCCEEDED, **REFRESHED),
    "refreshed, after the end of an earlier scan": row(TOOK, STALE, SUCCEEDED, **REFRESHED),
    "refreshed, with the createdDateTime of an earlier scan": row(
        328.029, RUNNING, {**SUCCEEDED, "createdDateTime": "2023-06-08T22:50:41Z"}, **REFRESHED
    ),
    "over when it was first watched": row(None, None, SUCCEEDED),
    "over at every look": row(None, SUCCEEDED, SUCCEEDED),
    "still running": row(None, RUNNING, RUNNING, **REFRESHED),
    "failed": row(None, RUNNING, {**SUCCEEDED, "status": "failed"}, **REFRESHED),
    "skipped": row(None, RUNNING, {**SUCCEEDED, "status": "skipped"}, **REFRESHED),
    "without a beginning": row(None, RUNNING, {**SUCCEEDED, "createdDateTime": None}),
    "without an end": row(None, RUNNING, {**SUCCEEDED, "lastActionDateTime": None}),
    "over before it began": row(None, RUNNING, {**SUCCEEDED, "lastActionDateTime": "2023-06-08T22:50:41Z"}),
    "since year 1": row(None, RUNNING, {**SUCCEEDED, "createdDateTime": "0001-01-01T00:00:00Z"}),
}


@pytest.mark.parametrize(("before", "after", "run", "seconds"), SCANS.values(), ids=SCANS)
def test_a_scan_teaches_whose_end_a_run_has_waited_for(
    before: Any, after: dict[str, Any], run: dict[str, Any], seconds: float | None
) -> None:
    seen = scan_seen(asked(NOW, operation=before, **run), asked(NOW, operation=after, **run))
    if seconds is None:
        assert seen is None
    else:
        assert seen is not None
        assert seen["seconds"] == pytest.approx(seconds, abs=0.001)
        assert (seen["kind"], seen["endedAt"]) == ("StaleSignInAlert", "2023-06-09T22:56:09.029Z")


def later(seconds: float, minute: int) -> Saw:
    return {**FIRST, "seconds": seconds, "endedAt": f"2026-01-31T12:{minute:02}:00.000Z"}


def test_each_scan_adds_to_what_is_known() -> None:
    known = saw(saw(None, FIRST), later(200.0, 10))
    assert known == {
        "kind": "StaleSignInAlert",
        "scans": 2,
        "durations": learned(learned(PRIOR, 300.0), 200.0),
        "endedAt": "2026-01-31T12:10:00.000Z",
    }


@pytest.mark.parametrize("again", [FIRST, {**FIRST, "seconds": 301.0}, {**FIRST, "endedAt": "2026-01-31T11:00:00Z"}])
def test_a_scan_that_many_runs_tell_of_counts_once(again: Saw) -> None:
    known = saw(None, FIRST)
    assert saw(known, again) == known


@pytest.mark.parametrize(
    "nonsense", [{"seconds": 0}, {"seconds": -1}, {"seconds": 86_401}, {"seconds": float("nan")}, {"endedAt": "noon"}]
)
def test_nonsense_is_refused(nonsense: dict[str, Any]) -> None:
    told: Any = {**FIRST, **nonsense}
    with pytest.raises(ValueError, match="`endedAt` must be an ISO 8601 time"):
        saw(None, told)
