"""Times as Graph and HTTP write them, broken ones among them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_refresh.timestamps import LONGEST_RETRY_AFTER, format_timestamp, parse_retry_after, parse_timestamp
from tests.support.generated import json_values, quick

NIGHT = datetime(2023, 6, 9, 22, 50, 41, tzinfo=UTC)
NOON = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2023-06-09T22:50:41Z", NIGHT),
        ("2023-06-09T22:50:41.1Z", NIGHT.replace(microsecond=100_000)),
        ("2023-06-09T22:50:41.1234Z", NIGHT.replace(microsecond=123_400)),
        ("2023-06-09T22:50:41.1234567Z", NIGHT.replace(microsecond=123_456)),
        ("2023-06-10T00:50:41+02:00", NIGHT),
        ("2023-06-09T14:50:41.25-08:00", NIGHT.replace(microsecond=250_000)),
        ("0001-01-01T08:00:00Z", datetime(1, 1, 1, 8, tzinfo=UTC)),
        ("9999-12-31T23:59:59.9999999Z", datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)),
    ],
)
def test_a_time_with_an_offset_is_its_moment_in_utc(text: str, moment: datetime) -> None:
    parsed = parse_timestamp(text)
    assert parsed == moment
    assert parsed is not None
    assert parsed.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        *("2020-03-19T12-01-03.45Z", "2023-06-09T22:50:41", "2023-06-09", "2023-06-09T25:00:00Z"),
        *("2023-02-29T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-00:01", "22:50:41Z"),
        *("never", "", None, 0, True, 1_686_351_041.5, ["2023-06-09T22:50:41Z"], {"dateTime": "2023-06-09T22:50:41Z"}),
    ],
)
def test_a_text_that_names_no_moment_is_none(text: object) -> None:
    assert parse_timestamp(text) is None


@quick
@given(json_values | st.text(alphabet="0123456789-:.TZ+ W"))
def test_nothing_makes_it_raise(value: object) -> None:
    parsed = parse_timestamp(value)
    assert parsed is None or parsed.tzinfo is UTC


@pytest.mark.parametrize(("microsecond", "printed"), [(0, "00.000Z"), (5_000, "00.005Z"), (5_999, "00.005Z")])
def test_a_time_is_printed_in_utc_with_milliseconds(microsecond: int, printed: str) -> None:
    tokyo = timezone(timedelta(hours=9))
    assert format_timestamp(datetime(2026, 1, 31, 21, 0, 0, microsecond, tokyo)) == f"2026-01-31T12:00:{printed}"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("1", 1.0),
        ("0.249", 0.249),
        (" 10 ", 10.0),
        ("\x1c5", 5.0),
        ("-0.1", 0.0),
        ("864000", LONGEST_RETRY_AFTER),
        ("864001", LONGEST_RETRY_AFTER),
        ("9" * 5000, LONGEST_RETRY_AFTER),
        ("Sat, 31 Jan 2026 12:00:30 GMT", 30.0),
        ("Sat, 31 Jan 2026 13:00:30 +0100", 30.0),
        ("Sat, 31 Jan 2026 12:00:30 -0000", 30.0),
        ("Saturday, 31-Jan-26 12:00:30 GMT", 30.0),
        ("Sat Jan 31 12:00:30 2026", 30.0),
        ("Sat, 31 Jan 2026 11:59:59 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_RETRY_AFTER),
        *(
            (unreadable, None)
            for unreadable in (None, "", "  ", "soon", "10 s", "5, 10", "0x10", "nan", "inf", "1e300")
        ),
        *((unreadable, None) for unreadable in ("1_0", "\u0663", "31 Jan", "2026-01-31T12:00:30Z", "é", ":")),
        ("Sat, 99 Jan 2026 12:00:30 GMT", None),
    ],
)
def test_seconds_to_wait(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header, NOON) == seconds


fragments = st.sampled_from(
    ["Sat", ",", " ", "31", "Jan", "2026", "12:00:30", "GMT", "-", "+9999", "0001", ":", "(", "é"]
)


@quick
@given(st.text() | st.lists(fragments, max_size=12).map("".join))
def test_no_header_makes_it_raise_or_leave_its_bounds(header: str) -> None:
    seconds = parse_retry_after(header, NOON)
    assert seconds is None or 0.0 <= seconds <= LONGEST_RETRY_AFTER
