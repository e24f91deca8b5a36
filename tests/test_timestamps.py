"""Times as Graph and HTTP write them, broken ones among them."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_refresh.timestamps import (
    LONGEST_RETRY_AFTER,
    format_timestamp,
    parse_http_date,
    parse_retry_after,
    parse_timestamp,
)
from tests.support.generated import json_values, quick

DIGITS = "1234567"


@pytest.mark.parametrize("digits", range(1, 8))
def test_every_count_of_fractional_digits_is_read(digits: int) -> None:
    fraction = DIGITS[:digits]
    microseconds = int(fraction.ljust(6, "0")[:6])
    assert parse_timestamp(f"2023-06-09T22:50:41.{fraction}Z") == datetime(2023, 6, 9, 22, 50, 41, microseconds, UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2023-06-09T22:50:41Z", datetime(2023, 6, 9, 22, 50, 41, tzinfo=UTC)),
        ("2023-06-10T00:50:41+02:00", datetime(2023, 6, 9, 22, 50, 41, tzinfo=UTC)),
        ("2023-06-09T14:50:41.25-08:00", datetime(2023, 6, 9, 22, 50, 41, 250_000, UTC)),
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
        "2020-03-19T12-01-03.45Z",
        "2023-06-09T22:50:41",
        "2023-06-09",
        "2023-06-09T25:00:00Z",
        "2023-02-29T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-00:01",
        "22:50:41Z",
        "never",
        "",
        None,
        0,
        True,
        1_686_351_041.5,
        ["2023-06-09T22:50:41Z"],
        {"dateTime": "2023-06-09T22:50:41Z"},
    ],
)
def test_a_text_that_names_no_moment_is_none(text: object) -> None:
    assert parse_timestamp(text) is None


@quick
@given(json_values | st.text(alphabet="0123456789-:.TZ+ W"))
def test_nothing_makes_it_raise(value: object) -> None:
    parsed = parse_timestamp(value)
    assert parsed is None or parsed.tzinfo is UTC


moments = st.datetimes(timezones=st.just(UTC))
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
inner = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds


@quick
@given(inner, inner, offsets)
def test_order_is_kept_whatever_the_offset(one: datetime, other: datetime, offset: timezone) -> None:
    first, second = parse_timestamp(one.isoformat()), parse_timestamp(other.astimezone(offset).isoformat())
    assert first is not None
    assert second is not None
    assert (first < second) == (one < other)


@quick
@given(moments)
def test_what_is_printed_is_read_again_exactly(moment: datetime) -> None:
    assert parse_timestamp(format_timestamp(moment)) == moment


@pytest.mark.parametrize(
    ("microsecond", "printed"), [(0, "00.000Z"), (5_000, "00.005Z"), (5_999, "00.005999Z"), (1, "00.000001Z")]
)
def test_a_time_is_printed_in_utc_with_microseconds_when_it_has_any(microsecond: int, printed: str) -> None:
    tokyo = timezone(timedelta(hours=9))
    assert format_timestamp(datetime(2026, 1, 31, 21, 0, 0, microsecond, tokyo)) == f"2026-01-31T12:00:{printed}"


DATE = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("1", 1.0),
        ("315", 315.0),
        ("0.249", 0.249),
        (" 10 ", 10.0),
        ("\x1c5", 5.0),
        ("-5", 0.0),
        ("-0.1", 0.0),
        ("864000", LONGEST_RETRY_AFTER),
        ("864001", LONGEST_RETRY_AFTER),
        ("9" * 300, LONGEST_RETRY_AFTER),
        ("1e300", None),
        ("inf", None),
        ("1_0", None),
        ("\u0663", None),
        ("9" * 5000, LONGEST_RETRY_AFTER),
        ("Sat, 31 Jan 2026 12:00:30 GMT", 30.0),
        ("Sat, 31 Jan 2026 13:00:00 GMT", 3600.0),
        ("Sat, 31 Jan 2026 13:00:30 +0100", 30.0),
        ("Sat, 31 Jan 2026 12:00:30 -0000", 30.0),
        ("Saturday, 31-Jan-26 12:00:30 GMT", 30.0),
        ("Sat Jan 31 12:00:30 2026", 30.0),
        ("Sat, 31 Jan 2026 12:00:00 GMT", 0.0),
        ("Sat, 31 Jan 2026 11:59:59 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_RETRY_AFTER),
    ],
)
def test_seconds_to_wait(header: str, seconds: float) -> None:
    assert parse_retry_after(header, DATE) == seconds


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "  ",
        "soon",
        "10 s",
        "5, 10",
        "0x10",
        "nan",
        "NaN",
        "31 Jan",
        "Sat, 99 Jan 2026 12:00:30 GMT",
        "é",
        ":",
    ],
)
def test_a_header_that_cannot_be_read_asks_for_no_wait(header: str | None) -> None:
    assert parse_retry_after(header, DATE) is None


def test_a_date_is_measured_on_the_clock_that_wrote_it() -> None:
    an_hour_ahead = parse_http_date("Sat, 31 Jan 2026 13:00:00 GMT")
    assert an_hour_ahead is not None
    assert parse_retry_after("Sat, 31 Jan 2026 13:00:30 GMT", an_hour_ahead) == 30.0


@pytest.mark.parametrize("text", [None, "", "yesterday", "2026-01-31T12:00:00Z"])
def test_a_text_that_is_no_http_date_is_none(text: str | None) -> None:
    assert parse_http_date(text) is None


fragments = st.sampled_from(
    ["Sat", ",", " ", "31", "Jan", "2026", "12:00:30", "GMT", "-", "+9999", "0001", ":", "(", "é"]
)


@quick
@given(st.text() | st.lists(fragments, max_size=12).map("".join))
def test_no_header_makes_it_raise_or_leave_its_bounds(header: str) -> None:
    seconds = parse_retry_after(header, DATE)
    assert seconds is None or 0.0 <= seconds <= LONGEST_RETRY_AFTER


@quick
@given(st.integers(0, int(LONGEST_RETRY_AFTER)))
def test_a_date_and_its_seconds_say_the_same(seconds: int) -> None:
    date = format_datetime(DATE + timedelta(seconds=seconds), usegmt=True)
    assert parse_retry_after(date, DATE) == parse_retry_after(str(seconds), DATE) == float(seconds)
