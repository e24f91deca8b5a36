"""A longRunningOperation whose properties may be missing, null, or new."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from domain.operation import STATUS_DETAIL_LIMIT, Operation
from tests.domain.generated import operations, quick
from tests.support.graph_samples import ALERT_URL, RUNNING, SUCCEEDED


@pytest.mark.parametrize(
    ("status", "ending"),
    [
        ("succeeded", "succeeded"),
        ("Succeeded", "succeeded"),
        ("SUCCEEDED", "succeeded"),
        ("failed", "failed"),
        ("Failed", "failed"),
        ("skipped", "skipped"),
        ("Skipped", "skipped"),
        ("notStarted", None),
        ("NotStarted", None),
        ("running", None),
        ("unknownFutureValue", None),
        ("cancelled", None),
        ("succeeded!", None),
        ("", None),
        (None, None),
        (2, None),
        (True, None),
        (["succeeded"], None),
    ],
)
def test_only_three_words_end_an_operation(status: Any, ending: str | None) -> None:
    assert Operation({**RUNNING, "status": status}).ending == ending


def test_the_status_is_the_word_as_sent() -> None:
    assert Operation({"status": "NotStarted"}).status == "NotStarted"
    assert Operation({"status": None}).status is None
    assert Operation({}).status is None


@pytest.mark.parametrize(
    ("created", "last_action", "moved"),
    [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:05:00Z", datetime(2026, 1, 31, 12, 5, tzinfo=UTC)),
        ("2026-01-31T12:05:00Z", "2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, 5, tzinfo=UTC)),
        ("2026-01-31T12:00:00Z", None, datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2020-03-19T12-01-03.45Z", "2026-01-31T12:05:00Z", datetime(2026, 1, 31, 12, 5, tzinfo=UTC)),
        ("2026-01-31T12:00:00Z", "0001-01-01T00:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        (None, "never", None),
    ],
)
def test_it_last_moved_at_the_newest_time_it_carries(created: Any, last_action: Any, moved: datetime | None) -> None:
    assert Operation({"createdDateTime": created, "lastActionDateTime": last_action}).last_moved == moved


@pytest.mark.parametrize("location", [None, 5, ["x"], {"url": "x"}])
def test_a_location_that_is_no_text_is_no_location(location: Any) -> None:
    assert Operation(SUCCEEDED).resource_location == ALERT_URL
    assert Operation({**SUCCEEDED, "resourceLocation": location}).resource_location == ""
    assert Operation({}).resource_location == ""


def test_a_long_detail_is_cut_and_everything_else_stays() -> None:
    sent = {**RUNNING, "statusDetail": "x" * 5000, "@odata.new": {"a": [1]}}
    trimmed = Operation(sent).trimmed()
    assert trimmed["statusDetail"] == "x" * (STATUS_DETAIL_LIMIT - 1) + "…"
    assert {**trimmed, "statusDetail": ""} == {**sent, "statusDetail": ""}
    assert len(sent["statusDetail"]) == 5000


def test_a_detail_at_the_limit_is_left_whole() -> None:
    sent = {**RUNNING, "statusDetail": "x" * STATUS_DETAIL_LIMIT}
    assert Operation(sent).trimmed() == sent


@quick
@given(operations)
def test_whatever_graph_sends_can_be_read(sent: dict[str, Any]) -> None:
    operation = Operation(sent)
    assert operation.ending in {None, "succeeded", "failed", "skipped"}
    assert operation.ending is None or operation.status is not None
    assert isinstance(operation.resource_location, str)
    assert operation.last_moved is None or operation.last_moved.tzinfo is UTC
    assert operation.trimmed().keys() == sent.keys()
