"""NCRONTAB, the cron dialect of timer triggers: `{second} {minute} {hour} {day} {month} {day-of-week}`.

No cron library on PyPI speaks it: croniter, cronsim, APScheduler and crontab know no full names (`Monday`), do not turn
a range round (`Fri-Mon` is Monday to Friday), and most of them run what NCrontab refuses: `7` for Sunday, `?`, `L`.
Sources: NCrontab CrontabSchedule.cs; azure-webjobs-sdk-extensions CronSchedule.cs, TimerSchedule.cs.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar

from emulator.host.timers.crontab_field import CrontabError, Field

NEVER = datetime.max.replace(tzinfo=UTC)

# The calendar repeats after so many years: what has not come by then, as 31 February, never comes.
_CALENDAR_YEARS = 400

_MONTHS = "january february march april may june july august september october november december"
_WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday"
_FIELDS = (
    Field("second", 0, 59),
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day", 1, 31),
    Field("month", 1, 12, tuple(_MONTHS.split())),
    Field("day of the week", 0, 6, tuple(_WEEKDAYS.split())),
)


@dataclass(frozen=True)
class Crontab:
    """An expression as the values of its fields, in UTC. Unlike in cron, day *and* day of the week must fit."""

    adjusts_for_dst: ClassVar[bool] = True

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]

    @classmethod
    def parse(cls, expression: str) -> "Crontab":
        """Read six fields, or five for a second of 0; raises CrontabError."""
        texts = [text for text in expression.split(" ") if text]
        if len(texts) not in {5, 6}:
            raise CrontabError(f"it has {len(texts)} fields, not six (or five, which leave out the second)")
        return cls(*(field.parse(text) for field, text in zip(_FIELDS, ["0", *texts][-6:], strict=True)))

    @property
    def under_a_minute(self) -> bool:
        """Whether it comes more than once in every minute."""
        rest = ((self.minutes, 60), (self.hours, 24), (self.days, 31), (self.months, 12), (self.weekdays, 7))
        return len(self.seconds) > 1 and all(len(values) == size for values, size in rest)

    def next_after(self, moment: datetime) -> datetime:
        """Return the first occurrence after `moment`, at a whole second, or NEVER."""
        first = moment.replace(microsecond=0) + timedelta(seconds=1)
        for day in self._dates(first.date()):
            if at := self._time(first.time() if day == first.date() else time.min):
                return datetime.combine(day, at, UTC)
        return NEVER

    def _dates(self, first: date) -> Iterator[date]:
        """Yield the dates that fit, from `first` on."""
        for year in range(first.year, min(first.year + _CALENDAR_YEARS, date.max.year) + 1):
            for month in self.months:
                weekday_of_first, length = calendar.monthrange(year, month)
                # monthrange counts the days of the week from Monday, the expression from Sunday.
                fitting = (day for day in self.days if day <= length and (weekday_of_first + day) % 7 in self.weekdays)
                yield from (found for day in fitting if (found := date(year, month, day)) >= first)

    def _time(self, earliest: time) -> time | None:
        """Return the first time of a day that fits, from `earliest` on."""
        times = (
            time(hour, minute, second)
            for hour in self.hours
            if hour >= earliest.hour
            for minute in self.minutes
            for second in self.seconds
        )
        return next((at for at in times if at >= earliest), None)
