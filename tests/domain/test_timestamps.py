"""Times as Graph prints them, broken ones among them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.timestamps import format_timestamp, parse_timestamp
from tests.domain.generated import json_values, quick

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
def test_what_names_no_moment_is_none(text: object) -> None:
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
def test_what_is_printed_is_read_again_to_the_millisecond(moment: datetime) -> None:
    printed = format_timestamp(moment)
    assert printed.endswith("Z")
    assert len(printed) == len("2026-01-31T12:00:00.000Z")
    again = parse_timestamp(printed)
    assert again is not None
    assert timedelta(0) <= moment - again < timedelta(milliseconds=1)


def test_another_zone_is_printed_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert format_timestamp(datetime(2026, 1, 31, 21, 0, 0, 5_999, tokyo)) == "2026-01-31T12:00:00.005Z"
