"""One timer function: wait for its time, run it, reckon the next time from when that run began.

A run that takes longer than the schedule allows is followed at once by the one it kept waiting; two never overlap.
Source: azure-webjobs-sdk-extensions TimerListener.cs, TimerInfo.cs.
"""

import asyncio
import json
import logging
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from emulator.host.dispatch.background import Background
from emulator.host.dispatch.runner import Runner
from emulator.host.timers.clock import Clock
from emulator.host.timers.schedule import Schedule
from emulator.host.timers.status import NOT_YET, Status, Statuses, brought_up_to_date
from emulator.host.worker import Datum, Function, FunctionFailedError, datum

logger = logging.getLogger("host.timers")


class Timer:
    """Does nothing until `begin`. From then on `next` is when it runs next; in the past, when it is `past_due`."""

    def __init__(
        self, function: Function, schedule: Schedule, statuses: Statuses, runner: Runner, invocations: Background
    ) -> None:
        self._function = function
        self._schedule = schedule
        # What runs several times a minute is not worth making up for.
        self._kept = statuses if function.use_monitor and not schedule.under_a_minute else None
        self._runner = runner
        self._invocations = invocations
        self._status = Status(NOT_YET, NOT_YET, NOT_YET)
        self.past_due = False

    @property
    def next(self) -> datetime:
        return self._status.next

    def begin(self, now: datetime) -> None:
        """Reckon the next run, and see whether one was missed since the host that kept the status ended."""
        name = self._function.name
        kept = self._kept.get(name) if self._kept else None
        if self._kept and kept:
            self._status = brought_up_to_date(kept, self._schedule, now)
            self._kept.put(name, self._status)
            self.past_due = now > self._status.next
            return
        self._status = Status(NOT_YET, self._schedule.next_after(now), NOT_YET)
        if self._kept:
            self._kept.put(name, replace(self._status, updated=now))

    async def run(self, clock: Clock) -> None:
        """Run the function at its times until cancelled, which leaves a run that is under way alone."""
        if self.past_due:
            logger.info("%s is past due since %s; running it now", self._function.name, self.next.isoformat())
            await self._invoke(clock, past_due=True)
        elif self._function.run_on_startup:
            await self._invoke(clock)
        while True:
            await clock.sleep_until(self.next)
            await self._invoke(clock)

    def unscheduled(self) -> Datum:
        """Return the trigger value of a run that an operator started."""
        return self._info(self._kept.get(self._function.name) if self._kept else None, past_due=False)

    async def _invoke(self, clock: Clock, *, past_due: bool = False) -> None:
        await asyncio.shield(self._invocations.start(self._run_once(clock, past_due=past_due)))

    async def _run_once(self, clock: Clock, *, past_due: bool) -> None:
        began = clock.now()
        trigger = self._info(self._status if self._kept else None, past_due=past_due)
        with suppress(FunctionFailedError):  # it is logged, and the schedule goes on
            await self._runner.run(self._function, trigger, level=logging.INFO)
        self._status = Status(last=began, next=self._schedule.next_after(began), updated=began)
        if self._kept:
            self._kept.put(self._function.name, self._status)

    def _info(self, status: Status | None, *, past_due: bool) -> Datum:
        """Return what azure.functions makes a TimerRequest of; a timer whose status is not kept has none."""
        info = {
            "Schedule": {"AdjustForDST": self._schedule.adjusts_for_dst},
            "ScheduleStatus": status.json if status else None,
            "IsPastDue": past_due,
        }
        return datum(json.dumps(info), "json")
