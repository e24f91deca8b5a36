"""The timer functions of an app: their schedules, or why they have none.

A function whose schedule cannot be used is not loaded, and the rest goes on. That it is disabled does not spare it:
https://github.com/Azure/azure-functions-host/issues/10346
"""

import logging
import os
from collections.abc import Iterable, Mapping

from emulator.host.dispatch.background import Background
from emulator.host.dispatch.runner import Runner
from emulator.host.settings import HostSettings
from emulator.host.timers.clock import Clock, WallClock
from emulator.host.timers.crontab import NEVER
from emulator.host.timers.schedule import ScheduleError, read_schedule, resolve_settings
from emulator.host.timers.status import Statuses
from emulator.host.timers.timer import Timer
from emulator.host.worker import Datum, Function, Kind

logger = logging.getLogger("host.timers")


class TimerTriggers:
    """All times are UTC. What runs is in `invocations`, and outlives a `stop`."""

    def __init__(  # noqa: PLR0913 -- each is a part of the host
        self,
        functions: Iterable[Function],
        settings: HostSettings,
        runner: Runner,
        statuses: Statuses,
        invocations: Background,
        *,
        environment: Mapping[str, str] = os.environ,
        clock: Clock | None = None,
    ) -> None:
        self._disabled = settings.disabled_functions
        self._environment = environment
        self._clock = clock or WallClock()
        self._loops = Background()
        self._timers: dict[str, Timer] = {}
        self._schedules: dict[str, str] = {}
        self._faults: dict[str, ScheduleError] = {}
        for function in functions:
            if function.kind is Kind.TIMER:
                try:
                    text = resolve_settings(function.schedule, environment)
                    self._timers[function.name] = Timer(function, read_schedule(text), statuses, runner, invocations)
                    self._schedules[function.name] = text
                except ScheduleError as fault:
                    self._faults[function.name] = fault
                    logger.error("The '%s' function is in error: %s.", function.name, fault)  # noqa: TRY400 -- one line

    def start(self) -> None:
        if self._timers and "WEBSITE_TIME_ZONE" in self._environment:
            logger.warning(
                "WEBSITE_TIME_ZONE is ignored, as on the Linux plans Consumption and Flex: timers are in UTC."
            )
        for name, timer in self._timers.items():
            if name.lower() not in self._disabled:
                timer.begin(self._clock.now())
                self._loops.start(timer.run(self._clock))

    async def stop(self) -> None:
        """Start no run any more."""
        await self._loops.cancel()

    def describe(self, function: Function) -> str:
        """Return a timer function's schedule, and when it runs next."""
        if fault := self._faults.get(function.name):
            return f"timer {function.schedule}, left out: {fault}"
        schedule, timer = f"timer {self._schedules[function.name]}", self._timers[function.name]
        if function.name.lower() in self._disabled:
            return f"{schedule} (disabled)"
        if timer.next == NEVER:
            return f"{schedule} (never)"
        time = timer.next.isoformat(timespec="seconds").replace("+00:00", "Z")
        return f"{schedule} ({'past due since' if timer.past_due else 'next'} {time})"

    def unscheduled(self, function: Function) -> Datum:
        """Return what a timer function gets that somebody runs by hand; raises ScheduleError when it is left out."""
        if fault := self._faults.get(function.name):
            raise fault
        return self._timers[function.name].unscheduled()
