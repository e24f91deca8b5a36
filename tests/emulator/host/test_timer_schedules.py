"""The `schedule` of a timer trigger: app settings in it, time spans, NCRONTAB expressions, and what is refused."""

from datetime import UTC, datetime

import pytest

from emulator.host.timers.schedule import ScheduleError, read_schedule, resolve_settings

ENVIRONMENT = {"NIGHTLY": "0 0 3 * * *", "HOUR": "3", "Timers__Nightly": "0 0 4 * * *", "EMPTY": ""}
SATURDAY = datetime(2026, 1, 31, 12, 30, 15, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("%NIGHTLY%", "0 0 3 * * *"),
        ("0 0 %HOUR% * * *", "0 0 3 * * *"),
        ("%Timers:Nightly%", "0 0 4 * * *"),
        ("%OTHER%", "'%OTHER%' does not resolve to a value; set the app setting OTHER"),
        ("0 0 %HOUR * * *", "'0 0 %HOUR * * *' has a '%' without its pair"),
        ("%%", "'%%' does not resolve to a value; set the app setting "),
    ],
)
def test_app_settings_stand_between_percent_signs(text: str, resolved: str) -> None:
    try:
        found = resolve_settings(text, ENVIRONMENT)
    except ScheduleError as fault:
        found = str(fault)
    assert found == resolved


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        ("01:00:00", ["2026-01-31 13:30:15", "2026-01-31 14:30:15"]),
        ("1.12:30", ["2026-02-02 01:00:15"]),
        # No hour is 24 or more, so that these time spans begin with days.
        ("24:00:00", ["2026-02-24 12:30:15"]),
        ("7", ["2026-02-07 12:30:15"]),
        # Five fields leave the second out.
        ("*/10 * * * *", ["2026-01-31 12:40:00", "2026-01-31 12:50:00"]),
        # `n/s` goes on to the end, with a step of one too: https://github.com/atifaziz/NCrontab/issues/16
        ("0 40 14/1 * * *", ["2026-01-31 14:40:00", "2026-01-31 15:40:00"]),
        # Seconds start again when the hour or minute moves: https://github.com/atifaziz/NCrontab/issues/90
        ("* 0-1 13 * * *", ["2026-01-31 13:00:00", "2026-01-31 13:00:01"]),
        # Both the day and the day of the week must fit, unlike in cron.
        ("0 0 9 1 * Mon", ["2026-06-01 09:00:00", "2027-02-01 09:00:00"]),
        # Names are English, in any case, and may be cut short anywhere: J is January, T is Tuesday.
        ("0 0 9 * J t", ["2027-01-05 09:00:00"]),
        ("0 0 9 * * SUNDAY,mon", ["2026-02-01 09:00:00", "2026-02-02 09:00:00", "2026-02-08 09:00:00"]),
        # A range the wrong way round is turned; it does not run over the end.
        ("0 0 9 * * Fri-Mon", ["2026-02-02 09:00:00", "2026-02-03 09:00:00"]),
        ("0 */0 * * * *", ["2026-01-31 12:31:00"]),
        # Short months and leap years.
        ("0 0 0 30,31 * *", ["2026-03-30 00:00:00", "2026-03-31 00:00:00", "2026-04-30 00:00:00"]),
        ("0 0 0 29 Feb *", ["2028-02-29 00:00:00", "2032-02-29 00:00:00"]),
    ],
)
def test_the_dialect(expression: str, times: list[str]) -> None:
    schedule, moment = read_schedule(expression), SATURDAY
    for time in times:
        moment = schedule.next_after(moment)
        assert f"{moment:%Y-%m-%d %H:%M:%S}" == time


NEITHER = "is not a time span such as 01:30:00, nor an NCRONTAB expression:"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", f"{NEITHER} it has 0 fields, not six (or five, which leave out the second)"),
        ("25:00", f"{NEITHER} it has 1 fields"),
        ("00:00:00", "is no time at all"),
        ("60 * * * * *", f"{NEITHER} the second '60' is not a number from 0 to 59"),
        ("0 0 0 0 * *", f"{NEITHER} the day '0' is not a number from 1 to 31"),
        ("0 0 0 1 13 *", f"{NEITHER} the month '13' is neither a number from 1 to 12 nor a name from January to Decem"),
        ("0 0 0 * * 7", f"{NEITHER} the day of the week '7' is neither a number from 0 to 6 nor a name from Sunday to"),
        ("0 0 0 ? * *", f"{NEITHER} the day '?' is not"),
        ("0 0 1,,2 * * *", f"{NEITHER} the hour '' is not"),
        ("0 */x * * * *", f"{NEITHER} the step 'x' of the minute is not a whole number"),
        ("0 ٣ * * * *", f"{NEITHER} the minute '٣' is not"),
    ],
)
def test_what_is_no_schedule_says_why(text: str, reason: str) -> None:
    with pytest.raises(ScheduleError) as refused:
        read_schedule(text)
    assert str(refused.value).startswith(f"'{text}' {reason}")
