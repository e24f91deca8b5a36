"""Which schedules are accepted: those of the host with six fields, and time spans of hours, minutes, seconds."""

import pytest

from alert_refresh.settings import is_schedule
from emulator.host.timers.schedule import ScheduleError, read_schedule

GOOD = (
    *("0 0 6 * * *", "* * * * * *", "*/5 * * * * *", "0 */5 * * * *", "0 0 9-17 * * 1-5", "0 0 9-17/2 * * MON-FRI"),
    *("0 30 9 * Jan Mon", "0 0 0 1 january *", "0 0 0 1 jan,feb,Mar *", "0,15,30,45 * * * * *"),
    *("0 0-10,20-30/5,59 * * * *", "59 59 23 31 12 6", "0 0 0 1 1 0", "0 0 0 * * Fri-Mon", "0 30-10 * * * *"),
    *("0 0 5/3 * * *", "0 0 */0 * * *", "0 0 */-1 * * *", "0 0 */+2 * * *", "0 0 */99 * * *", "  0   0 6 * * *  "),
    *("00 00 06 01 01 *", "0 0 0 31 2 *", "0 0 6 * * m", "0 0 6 * J *", "00:00:01", "01:30:00", "23:59:59", "1:2:3"),
    *("1.00:00:00", "10.12:30:00", " 00:05:00 "),
)
BAD = (
    *("", " ", "hourly", "@daily", "0 6 * *", "0 0 0 6 * * *", "60 0 6 * * *", "0 60 6 * * *", "0 0 24 * * *"),
    *("0 0 6 0 * *", "0 0 6 32 * *", "0 0 6 * 0 *", "0 0 6 * 13 *", "0 0 6 * * 7", "0 0 6 ? * *", "0 0 6 L * *"),
    *("0 0 6 * * 1#2", "0 0 6 * * Mo nday", "0 0 6 * * Mondays", "0 0 6 * Mon *", "0 0 6 * * Jan", "0 0 -1 * * *"),
    *("0 0 6, * * *", "0 0 6- * * *", "0 0 6--7 * * *", "0 0 */ * * *", "0 0 */x * * *", "0 0 */2/3 * * *"),
    *("0 0 1.5 * * *", "0\t0\t6\t*\t*\t*", "0 0 \u0666 * * *", "0 0 6 * * *\n0", "00:60:00", "00:00:60", "00:00:00"),
    *("0.00:00:00", "-01:00:00", "1.24:00:00", "\u0660\u0661:00:00", "%OTHER%"),
)
NARROWER = {
    "five fields": "0 6 * * *",
    "no seconds": "01:30",
    "days alone": "7",
    "days before a colon": "1:02:03:04",
    "24 days, as .NET reads it": "24:00:00",
    "a part of a second": "00:00:01.5",
}


def is_taken_by_the_host(text: str) -> bool:
    try:
        read_schedule(text)
    except ScheduleError:
        return False
    return True


@pytest.mark.parametrize("text", GOOD)
def test_a_schedule_of_the_host_is_accepted(text: str) -> None:
    assert is_taken_by_the_host(text)
    assert is_schedule(text)


@pytest.mark.parametrize("text", BAD)
def test_what_the_host_cannot_read_is_refused(text: str) -> None:
    assert not is_taken_by_the_host(text)
    assert not is_schedule(text)


@pytest.mark.parametrize("text", NARROWER.values(), ids=NARROWER)
def test_a_form_that_is_easily_meant_otherwise_is_refused_although_is_taken_by_the_host_it(text: str) -> None:
    assert is_taken_by_the_host(text)
    assert not is_schedule(text)
