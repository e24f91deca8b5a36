"""Which schedules make a timer: the host's with six fields, and time spans of hours, minutes, seconds.

One function that the host cannot load keeps it from all others.
"""

import pytest

from alert_refresh.settings import has_schedule
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
"""Forms of the host that are easily meant otherwise."""


def is_taken_by_the_host(text: str) -> bool:
    try:
        read_schedule(text)
    except ScheduleError:
        return False
    return True


@pytest.mark.parametrize("text", [*GOOD, *BAD, *NARROWER.values()])
def test_what_the_host_reads_is_accepted_but_for_a_few_forms(text: str) -> None:
    assert is_taken_by_the_host(text) is (text not in BAD)
    assert has_schedule({"REFRESH_SCHEDULE": text}) is (text in GOOD)
