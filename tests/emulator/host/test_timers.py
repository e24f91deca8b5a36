"""The times at which timer functions run, and what they are told, on a clock that the test turns."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from azure.functions.timer import TimerRequest, TimerRequestConverter

from emulator.host.dispatch.background import Background
from emulator.host.dispatch.runner import Runner
from emulator.host.settings import HostSettings
from emulator.host.timers import Statuses, TimerTriggers
from emulator.host.tracing import UNTOLD, NewSpan
from emulator.host.worker import Datum, Function

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MORNING = NOON + 20 * HOUR + MINUTE
NOT_YET = "0001-01-01T00:00:00+00:00"
HOURLY = "0 0 * * * *"
LIMIT_SECONDS = 5


class TurnedClock:
    """Turns to whatever is waited for."""

    def __init__(self, now: datetime = NOON) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    async def sleep_until(self, moment: datetime) -> None:
        self.time = max(self.time, moment)
        await asyncio.sleep(0)


@dataclass
class Runs(Runner):
    """Runs functions in no time, or as long as the test says, and holds the one after `wanted`."""

    clock: TurnedClock = field(default_factory=TurnedClock)
    wanted: int = 1
    takes: timedelta = timedelta(0)
    began: list[datetime] = field(default_factory=list)
    told: list[TimerRequest] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    under_way: set[str] = field(default_factory=set)

    async def run(
        self,
        function: Function,
        trigger: Datum | None,
        *,
        level: int = 0,  # noqa: ARG002 -- the runner's, as the next
        span: NewSpan = UNTOLD,  # noqa: ARG002
    ) -> Datum | None:
        """Run nothing, and remember."""
        assert function.name not in self.under_way, "it overlaps itself"
        self.under_way.add(function.name)
        if len(self.began) == self.wanted:
            self.enough.set()
            await asyncio.Event().wait()
        self.began.append(self.clock.now())
        self.told.append(request(trigger))
        await asyncio.sleep(0)
        self.clock.time += self.takes
        self.under_way.remove(function.name)
        return None


def request(trigger: Any) -> TimerRequest:
    """Return what the SDK makes of a trigger value for the function."""
    return cast("TimerRequest", TimerRequestConverter.decode(trigger, trigger_metadata=None))


def timer(schedule: str = HOURLY, name: str = "nightly", **options: bool) -> Function:
    """Return an indexed function with a timer trigger; options as the worker writes them."""
    trigger = {"type": "timerTrigger", "name": "timer", "schedule": schedule, **options}
    return Function.from_bindings(name, "id", [json.dumps(trigger)])


@asynccontextmanager
async def started(
    *functions: Function, runs: Runs, statuses: Statuses | None = None, disabled: Iterable[str] = ()
) -> AsyncIterator[TimerTriggers]:
    """Host the functions, and leave no run behind."""
    settings = HostSettings(
        "api", "hub", 1, 1, 1, 1, 1, homepage=True, exports_spans=False, disabled_functions=frozenset(disabled)
    )
    under_way, environment = Background(), {"HOUR": "6", "WEBSITE_TIME_ZONE": "Europe/Berlin"}
    timers = TimerTriggers(
        functions, settings, runs, statuses or Statuses(), under_way, environment=environment, clock=runs.clock
    )
    timers.start()
    yield timers
    await timers.stop()
    await under_way.cancel()


async def run(function: Function, runs: Runs, statuses: Statuses | None = None) -> Runs:
    """Host a function until it ran as often as wanted."""
    async with started(function, runs=runs, statuses=statuses), asyncio.timeout(LIMIT_SECONDS):
        await runs.enough.wait()
    return runs


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "timers.json"


async def after_a_restart(file: Path, now: datetime, function: Function | None = None, wanted: int = 1) -> Runs:
    """Let a host run an hourly timer at 13:00 and end; then let another begin."""
    await run(timer(), Runs(), Statuses(file))
    return await run(function or timer(), Runs(TurnedClock(now), wanted=wanted), Statuses(file))


async def test_a_timer_runs_at_its_times() -> None:
    runs = await run(timer(), Runs(TurnedClock(NOON + MINUTE), wanted=3))
    assert runs.began == [NOON + n * HOUR for n in (1, 2, 3)]
    assert not any(told.past_due for told in runs.told)


async def test_a_function_is_told_the_schedule_and_what_it_did_last() -> None:
    first, second = (await run(timer(), Runs(wanted=2))).told
    assert first.schedule == {"AdjustForDST": True}
    assert first.schedule_status == {"Last": NOT_YET, "Next": "2026-01-31T13:00:00+00:00", "LastUpdated": NOT_YET}
    assert second.schedule_status == {
        "Last": "2026-01-31T13:00:00+00:00",
        "Next": "2026-01-31T14:00:00+00:00",
        "LastUpdated": "2026-01-31T13:00:00+00:00",
    }


async def test_a_run_that_was_missed_between_two_hosts_is_made_up_for_once(file: Path) -> None:
    runs = await after_a_restart(file, MORNING, wanted=2)
    assert runs.began == [MORNING, NOON + 21 * HOUR]
    assert [told.past_due for told in runs.told] == [True, False]
    assert runs.told[0].schedule_status == {
        "Last": "2026-01-31T13:00:00+00:00",
        "Next": "2026-01-31T14:00:00+00:00",
        "LastUpdated": "2026-01-31T13:00:00+00:00",
    }


@pytest.mark.parametrize("minutes", [0, 59, 60])
async def test_a_restart_up_to_the_next_run_misses_none(file: Path, minutes: int) -> None:
    runs = await after_a_restart(file, NOON + HOUR + minutes * MINUTE)
    assert runs.began == [NOON + 2 * HOUR]
    assert not runs.told[0].past_due
    assert runs.told[0].schedule_status["Last"] == "2026-01-31T13:00:00+00:00"
