"""Whether an operation and an alert belong to the scan that the run waits for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alert_refresh.run.freshness import (
    STATUS_DETAIL_LIMIT,
    Operation,
    is_current,
    is_fresh,
    summarize_operation,
    trim_operation,
)
from alert_refresh.run.state import Run
from tests.run.generated import NOW
from tests.support.graph_samples import ALERT, REFRESH, RUNNING, SUCCEEDED, make_sample_run

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
WATCHED = make_sample_run(NOW)
SEEN = replace(WATCHED, saw_running=True, operation={**SUCCEEDED, "createdDateTime": "2026-01-31T12:00:00.1234567Z"})
REFRESHED = replace(make_sample_run(NOW, target=REFRESH), requested_at=NOON)
AT_ONE = make_sample_run(NOW, not_before=NOON + timedelta(hours=1))
NOT_BEFORE = make_sample_run(NOW, not_before=NOON + timedelta(seconds=1))


def make(run: Run) -> dict[str, Any]:
    """Return an operation that began when `run` asks for it."""
    return {**RUNNING, "createdDateTime": (run.wish.not_before or NOON).isoformat()}


@pytest.mark.parametrize(
    ("status", "ending"),
    [
        *((word, word.lower()) for word in ("succeeded", "Succeeded", "SUCCEEDED", "Failed", "skipped")),
        *((word, None) for word in ("notStarted", "running", "unknownFutureValue", "cancelled", "succeeded!", "")),
        *((word, None) for word in (None, 2, True, ["succeeded"])),
    ],
)
def test_only_three_words_end_an_operation(status: Any, ending: str | None) -> None:
    assert Operation({**RUNNING, "status": status}).ending == ending


@pytest.mark.parametrize(
    ("created", "last_action", "moved"),
    [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:05:00Z", NOON + timedelta(minutes=5)),
        ("2026-01-31T12:05:00Z", "2026-01-31T12:00:00Z", NOON + timedelta(minutes=5)),
        ("2020-03-19T12-01-03.45Z", "2026-01-31T12:00:00Z", NOON),
        (None, "never", None),
    ],
)
def test_an_operation_last_moved_at_the_newest_time_that_it_carries(
    created: Any, last_action: Any, moved: datetime | None
) -> None:
    assert Operation({"createdDateTime": created, "lastActionDateTime": last_action}).last_moved == moved


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("running", "running"),
        ("Succeeded", "succeeded"),
        ("validating anna@contoso.example", None),
        (None, None),
        (7, None),
    ],
)
def test_a_summary_has_no_word_that_graph_does_not_document(status: Any, shown: str | None) -> None:
    sent = {**RUNNING, "status": status, "createdDateTime": 7}
    names = ("id", "lastActionDateTime")
    assert summarize_operation(sent) == {
        "status": shown,
        "createdDateTime": None,
        **{name: RUNNING[name] for name in names},
    }


def test_a_long_detail_is_cut_and_everything_else_stays() -> None:
    sent = {**RUNNING, "statusDetail": "x" * 5000, "@odata.new": {"a": [1]}}
    assert trim_operation(sent) == {**sent, "statusDetail": "x" * (STATUS_DETAIL_LIMIT - 1) + "…"}
    whole = {**RUNNING, "statusDetail": "x" * STATUS_DETAIL_LIMIT}
    assert trim_operation(whole) == whole


@pytest.mark.parametrize(
    ("run", "moment", "fresh"),
    [
        # The `Date` of the answer to a refresh has whole seconds: that second counts for the time before.
        (REFRESHED, "2026-01-31T12:00:00.9999999Z", False),
        (REFRESHED, "2026-01-31T12:00:01Z", True),
        (REFRESHED, "2026-01-31T14:00:01+02:00", True),
        (REFRESHED, "2026-01-31T12-00-01Z", None),
        (NOT_BEFORE, "2026-01-31T12:00:00.9999999Z", False),
        (replace(REFRESHED, wish=NOT_BEFORE.wish, operation=make(NOT_BEFORE)), "2026-01-31T12:00:01Z", True),
        (replace(REFRESHED, wish=AT_ONE.wish), "2026-01-31T12:30Z", False),
        # A run that watches knows when it saw the operation run, and else nothing.
        (SEEN, "2026-01-31T12:00:00.1234567Z", True),
        (SEEN, "2026-01-31T12:00:00.123Z", False),
        (replace(SEEN, operation={**SUCCEEDED, "createdDateTime": None}), "2026-01-31T12:00:00Z", None),
        (replace(SEEN, saw_running=False), "2026-01-31T12:00:01Z", None),
    ],
)
def test_an_alert_is_fresh_by_graphs_clocks(run: Run, moment: Any, *, fresh: bool | None) -> None:
    assert is_fresh({**ALERT, "lastScannedDateTime": moment}, run) is fresh
    if run.wish.not_before or run.requested_at:
        assert is_current(Operation({**RUNNING, "createdDateTime": None, "lastActionDateTime": moment}), run) is bool(
            fresh
        ), "an operation without a readable time may be of an earlier scan"


@pytest.mark.parametrize(
    "run",
    [
        NOT_BEFORE,
        replace(NOT_BEFORE, operation=make(REFRESHED)),
        replace(REFRESHED, asked_at=NOON, operation={**RUNNING, "createdDateTime": 7}),
    ],
)
def test_a_scan_that_is_not_dated_or_began_before_may_not_show_what_the_run_asks_about(run: Run) -> None:
    assert is_fresh({**ALERT, "lastScannedDateTime": "2026-01-31T12:05:00Z"}, run) is None
