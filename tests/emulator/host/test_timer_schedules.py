"""The `schedule` of a timer trigger: app settings in it, time spans, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from emulator.host.timers.crontab import Crontab
from emulator.host.timers.schedule import Interval, ScheduleError, read_schedule, resolve_settings

ENVIRONMENT = {"NIGHTLY": "0 0 3 * * *", "HOUR": "3", "Timers__Nightly": "0 0 4 * * *", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("0 0 3 * * *", "0 0 3 * * *"),
        ("%NIGHTLY%", "0 0 3 * * *"),
        ("%nightly%", "0 0 3 * * *"),
        ("0 0 %HOUR% * * *", "0 0 3 * * *"),
        ("0 %hour% %HOUR% * * *", "0 3 3 * * *"),
        ("%Timers:Nightly%", "0 0 4 * * *"),
        ("%Timers__Nightly%", "0 0 4 * * *"),
        ("%EMPTY%", ""),
    ],
)
def test_app_settings_stand_between_percent_signs(text: str, resolved: str) -> None:
    assert resolve_settings(text, ENVIRONMENT) == resolved


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("%OTHER%", "'%OTHER%' does not resolve to a value; set the app setting OTHER"),
        ("0 0 %HOUR * * *", "'0 0 %HOUR * * *' has a '%' without its pair"),
        ("%%", "'%%' does not resolve to a value"),
    ],
)
def test_a_setting_that_is_missing_is_named(text: str, reason: str) -> None:
    with pytest.raises(ScheduleError) as refused:
        resolve_settings(text, ENVIRONMENT)
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("01:00:00", timedelta(hours=1)),
        ("00:01:00", timedelta(minutes=1)),
        ("00:00:00.5", timedelta(milliseconds=500)),
        ("1:30", timedelta(hours=1, minutes=30)),
        (" 23:59:59 ", timedelta(hours=23, minutes=59, seconds=59)),
        ("1.00:00:00", timedelta(days=1)),
        ("1.12:30", timedelta(days=1, hours=12, minutes=30)),
        # No hour is 24 or more, so that these begin with days.
        ("24:00:00", timedelta(days=24)),
        ("25:12:30", timedelta(days=25, hours=12, minutes=30)),
        ("2:00:00:30", timedelta(days=2, seconds=30)),
        ("7", timedelta(days=7)),
    ],
)
def test_a_time_span_is_what_dotnet_takes_it_for(text: str, length: timedelta) -> None:
    schedule = read_schedule(text)
    assert schedule == Interval(length)
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert schedule.next_after(now) == now + length


@pytest.mark.parametrize(("text", "under_a_minute"), [("00:00:59", True), ("00:01:00", False), ("7", False)])
def test_a_time_span_under_a_minute(text: str, under_a_minute: bool) -> None:  # noqa: FBT001 -- a column
    assert read_schedule(text).under_a_minute == under_a_minute


def test_an_expression_is_read_before_a_time_span() -> None:
    assert read_schedule("0 0 3 * * *") == Crontab.parse("0 0 3 * * *")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "'' is not a time span such as 01:30:00, nor an NCRONTAB expression: it has 0 fields"),
        ("every night", "'every night' is not a time span"),
        (
            "0 0 3 * * 7",
            "'0 0 3 * * 7' is not a time span such as 01:30:00, nor an NCRONTAB expression: the day of the",
        ),
        ("25:00", "'25:00' is not a time span"),
        ("1.24:00:00", "'1.24:00:00' is not a time span"),
        ("00:60:00", "'00:60:00' is not a time span"),
        ("00:00:60", "'00:00:60' is not a time span"),
        ("-01:00:00", "'-01:00:00' is not a time span"),
        ("PT1H", "'PT1H' is not a time span"),
        ("00:00:00", "'00:00:00' is no time at all"),
        ("0", "'0' is no time at all"),
    ],
)
def test_what_is_neither_says_why(text: str, reason: str) -> None:
    with pytest.raises(ScheduleError) as refused:
        read_schedule(text)
    assert str(refused.value).startswith(reason)
