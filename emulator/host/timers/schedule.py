"""The `schedule` of a timer trigger: an NCRONTAB expression or a time span, in which app settings can stand.

Sources: azure-webjobs-sdk NameResolverExtensions.cs; azure-webjobs-sdk-extensions TimerSchedule.cs,
ConstantSchedule.cs; learn.microsoft.com/azure/azure-functions/functions-bindings-timer.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from emulator.host.timers.crontab import Crontab
from emulator.host.timers.crontab_field import CrontabError

# Days alone, or a time of day with or without days before it.
_SECONDS = r"(?::(?P<seconds>\d{1,2}(?:\.\d{1,7})?))?"
_TIME_SPANS = (
    r"(?P<days>\d{1,6})",
    rf"(?:(?P<days>\d{{1,6}})\.)?(?P<hours>\d{{1,2}}):(?P<minutes>\d{{1,2}}){_SECONDS}",
    rf"(?P<days>\d{{1,6}}):(?P<hours>\d{{1,2}}):(?P<minutes>\d{{1,2}}){_SECONDS}",
)


class ScheduleError(ValueError):
    """The schedule cannot be used; says why, and what to do."""


class Schedule(Protocol):
    """`under_a_minute`: it comes more than once in every minute. `adjusts_for_dst` is for the function to read."""

    adjusts_for_dst: ClassVar[bool]

    @property
    def under_a_minute(self) -> bool: ...

    def next_after(self, moment: datetime) -> datetime: ...


@dataclass(frozen=True)
class Interval:
    """So long after each run began."""

    adjusts_for_dst: ClassVar[bool] = False

    length: timedelta

    @property
    def under_a_minute(self) -> bool:
        return self.length < timedelta(minutes=1)

    def next_after(self, moment: datetime) -> datetime:
        return moment + self.length


def resolve_settings(text: str, environment: Mapping[str, str]) -> str:
    """Put app settings in for `%NAME%`; raises ScheduleError. Names have no case, and `A:B` is the variable `A__B`."""
    settings = {_setting(name): value for name, value in environment.items()}
    pieces = text.split("%")
    if len(pieces) % 2 == 0:
        raise ScheduleError(f"'{text}' has a '%' without its pair")
    for position in range(1, len(pieces), 2):
        name = pieces[position]
        if _setting(name) not in settings:
            raise ScheduleError(f"'%{name}%' does not resolve to a value; set the app setting {name}")
        pieces[position] = settings[_setting(name)]
    return "".join(pieces)


def _setting(name: str) -> str:
    return name.lower().replace(":", "__")


def read_schedule(text: str) -> Schedule:
    """Read a schedule whose settings are resolved; raises ScheduleError."""
    try:
        return Crontab.parse(text)
    except CrontabError as error:
        length = _time_span(text.strip())
        if length is None:
            raise ScheduleError(
                f"'{text}' is not a time span such as 01:30:00, nor an NCRONTAB expression: {error}"
            ) from None
    if not length:
        raise ScheduleError(f"'{text}' is no time at all, and Azure would run the function without a pause")
    return Interval(length)


def _time_span(text: str) -> timedelta | None:
    """Read a time span as .NET does, for which `24:00:00` is 24 days: an hour is below 24, so it must be `dd:hh:mm`."""
    for form in _TIME_SPANS:
        if found := re.fullmatch(form, text, re.ASCII):
            parts = {name: float(value) for name, value in found.groupdict(default="0").items()}
            if parts.get("hours", 0) < 24 and parts.get("minutes", 0) < 60 and parts.get("seconds", 0) < 60:  # noqa: PLR2004 -- of a clock
                return timedelta(**parts)
    return None
