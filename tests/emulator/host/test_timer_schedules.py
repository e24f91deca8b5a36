"""The `schedule` of a timer trigger: app settings in it, time spans, NCRONTAB expressions, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from emulator.host.timers.crontab import Crontab
from emulator.host.timers.crontab_field import CrontabError
from emulator.host.timers.schedule import Interval, ScheduleError, read_schedule, resolve_settings

ENVIRONMENT = {"NIGHTLY": "0 0 3 * * *", "HOUR": "3", "Timers__Nightly": "0 0 4 * * *", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("%NIGHTLY%", "0 0 3 * * *"),
        ("0 0 %HOUR% * * *", "0 0 3 * * *"),
        ("%Timers:Nightly%", "0 0 4 * * *"),
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
        ("1:30", timedelta(hours=1, minutes=30)),
        ("1.12:30", timedelta(days=1, hours=12, minutes=30)),
        # No hour is 24 or more, so that these begin with days.
        ("24:00:00", timedelta(days=24)),
        ("7", timedelta(days=7)),
    ],
)
def test_a_time_span_is_what_dotnet_takes_it_for(text: str, length: timedelta) -> None:
    schedule = read_schedule(text)
    assert schedule == Interval(length)
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert schedule.next_after(now) == now + length


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
        ("00:00:00", "'00:00:00' is no time at all"),
    ],
)
def test_what_is_neither_says_why(text: str, reason: str) -> None:
    with pytest.raises(ScheduleError) as refused:
        read_schedule(text)
    assert str(refused.value).startswith(reason)


SATURDAY = datetime(2026, 1, 31, 12, 30, 15, 500_000, tzinfo=UTC)


def coming(expression: str, count: int, after: datetime = SATURDAY) -> list[str]:
    """Return the next occurrences as `MM-DD HH:MM:SS`, the year before them when it is another."""
    crontab, moment, found = Crontab.parse(expression), after, []
    for _ in range(count):
        moment = crontab.next_after(moment)
        found.append(f"{moment:%m-%d %H:%M:%S}" if moment.year == after.year else f"{moment:%Y-%m-%d %H:%M:%S}")
    return found


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        # Five fields leave the second out.
        ("*/10 * * * *", ["01-31 12:40:00", "01-31 12:50:00"]),
        # `n/s` goes on to the end, with a step of one too: https://github.com/atifaziz/NCrontab/issues/16
        ("0 40 14/1 * * *", ["01-31 14:40:00", "01-31 15:40:00"]),
        # Seconds start again when the hour or minute moves: https://github.com/atifaziz/NCrontab/issues/90
        ("* 0-1 13 * * *", ["01-31 13:00:00", "01-31 13:00:01"]),
        # Both the day and the day of the week must fit, unlike in cron.
        ("0 0 9 1 * Mon", ["06-01 09:00:00", "2027-02-01 09:00:00"]),
        # Names are English, in any case, and may be cut short anywhere: J is January, T is Tuesday.
        ("0 0 9 * J t", ["2027-01-05 09:00:00"]),
        ("0 0 9 * * SUNDAY,mon", ["02-01 09:00:00", "02-02 09:00:00", "02-08 09:00:00"]),
        # A range the wrong way round is turned; it does not run over the end.
        ("0 0 9 * * Fri-Mon", ["02-02 09:00:00", "02-03 09:00:00"]),
        ("0 */0 * * * *", ["01-31 12:31:00"]),
        # Short months and leap years.
        ("0 0 0 30,31 * *", ["03-30 00:00:00", "03-31 00:00:00", "04-30 00:00:00", "05-30 00:00:00"]),
        ("0 0 0 29 Feb *", ["2028-02-29 00:00:00", "2032-02-29 00:00:00"]),
    ],
)
def test_the_dialect(expression: str, times: list[str]) -> None:
    assert coming(expression, len(times)) == times


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "it has 0 fields, not six (or five, which leave out the second)"),
        ("60 * * * * *", "the second '60' is not a number from 0 to 59"),
        ("0 0 0 0 * *", "the day '0' is not a number from 1 to 31"),
        ("0 0 0 1 13 *", "the month '13' is neither a number from 1 to 12 nor a name from January to December"),
        ("0 0 0 * * 7", "the day of the week '7' is neither a number from 0 to 6 nor a name from Sunday to Saturday"),
        ("0 0 0 ? * *", "the day '?' is not"),
        ("0 0 1,,2 * * *", "the hour '' is not"),
        ("0 */x * * * *", "the step 'x' of the minute is not a whole number"),
        ("0 ٣ * * * *", "the minute '٣' is not"),
    ],
)
def test_what_is_no_expression_says_which_field_is_wrong(expression: str, reason: str) -> None:
    with pytest.raises(CrontabError) as refused:
        Crontab.parse(expression)
    assert str(refused.value).startswith(reason)
