"""Retry-After in every form that Graph and its gateways send."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.retry_after import LONGEST, parse_http_date, parse_retry_after
from tests.domain.generated import quick

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
        ("864000", LONGEST),
        ("864001", LONGEST),
        ("9" * 300, LONGEST),
        ("1e300", None),
        ("inf", None),
        ("1_0", None),
        ("\u0663", None),
        ("9" * 5000, LONGEST),
        ("Sat, 31 Jan 2026 12:00:30 GMT", 30.0),
        ("Sat, 31 Jan 2026 13:00:00 GMT", 3600.0),
        ("Sat, 31 Jan 2026 13:00:30 +0100", 30.0),
        ("Sat, 31 Jan 2026 12:00:30 -0000", 30.0),
        ("Saturday, 31-Jan-26 12:00:30 GMT", 30.0),
        ("Sat Jan 31 12:00:30 2026", 30.0),
        ("Sat, 31 Jan 2026 12:00:00 GMT", 0.0),
        ("Sat, 31 Jan 2026 11:59:59 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST),
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
def test_what_says_nothing_readable_asks_for_no_wait(header: str | None) -> None:
    assert parse_retry_after(header, DATE) is None


def test_a_date_is_measured_on_the_clock_that_wrote_it() -> None:
    an_hour_ahead = parse_http_date("Sat, 31 Jan 2026 13:00:00 GMT")
    assert an_hour_ahead is not None
    assert parse_retry_after("Sat, 31 Jan 2026 13:00:30 GMT", an_hour_ahead) == 30.0


@pytest.mark.parametrize("text", [None, "", "yesterday", "2026-01-31T12:00:00Z"])
def test_what_is_no_http_date_is_none(text: str | None) -> None:
    assert parse_http_date(text) is None


fragments = st.sampled_from(
    ["Sat", ",", " ", "31", "Jan", "2026", "12:00:30", "GMT", "-", "+9999", "0001", ":", "(", "é"]
)


@quick
@given(st.text() | st.lists(fragments, max_size=12).map("".join))
def test_no_header_makes_it_raise_or_leave_its_bounds(header: str) -> None:
    seconds = parse_retry_after(header, DATE)
    assert seconds is None or 0.0 <= seconds <= LONGEST


@quick
@given(st.integers(0, int(LONGEST)))
def test_a_date_and_its_seconds_say_the_same(seconds: int) -> None:
    date = format_datetime(DATE + timedelta(seconds=seconds), usegmt=True)
    assert parse_retry_after(date, DATE) == parse_retry_after(str(seconds), DATE) == float(seconds)
