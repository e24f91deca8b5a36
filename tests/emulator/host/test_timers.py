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
from emulator.host.settings import HostSettings, SettingsError
from emulator.host.timers import Statuses, TimerTriggers, clock
from emulator.host.timers.clock import WallClock
from emulator.host.timers.schedule import ScheduleError
from emulator.host.tracing import UNTOLD, NewSpan
from emulator.host.worker import Datum, Function, FunctionFailedError

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
    """Runs functions in no time, or as long as the test says, and holds the one after `wanted` until `go_on`."""

    clock: TurnedClock = field(default_factory=TurnedClock)
    wanted: int = 1
    takes: timedelta = timedelta(0)
    fail: bool = False
    began: list[datetime] = field(default_factory=list)
    told: list[TimerRequest] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    gone_on: asyncio.Event = field(default_factory=asyncio.Event)
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
            await self.go_on.wait()
            self.gone_on.set()
        self.began.append(self.clock.now())
        self.told.append(request(trigger))
        await asyncio.sleep(0)
        self.clock.time += self.takes
        self.under_way.remove(function.name)
        if self.fail:
            raise FunctionFailedError("RuntimeError", "on purpose")
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


@pytest.mark.parametrize(
    "function",
    [timer("*/10 * * * * *"), timer("00:00:30"), timer(HOURLY, useMonitor=False)],
    ids=["often", "short", "as told"],
)
async def test_what_a_timer_did_that_is_not_monitored_is_neither_told_nor_kept(function: Function, file: Path) -> None:
    [told] = (await run(function, Runs(), Statuses(file))).told
    assert told.schedule_status == {}
    assert Statuses(file).get("nightly") is None


async def test_a_time_span_lies_between_the_beginnings_of_runs() -> None:
    runs = await run(timer("00:10:00"), Runs(wanted=3, takes=MINUTE))
    assert runs.began == [NOON + n * 10 * MINUTE for n in (1, 2, 3)]
    assert runs.told[0].schedule == {"AdjustForDST": False}


async def test_what_a_long_run_kept_waiting_runs_once_right_after_it() -> None:
    takes = 2 * HOUR + MINUTE
    runs = await run(timer(), Runs(wanted=4, takes=takes))
    assert runs.began == [NOON + HOUR + n * takes for n in range(4)]
    assert not any(told.past_due for told in runs.told)


async def test_a_failing_function_runs_again_at_its_next_time() -> None:
    runs = await run(timer(), Runs(wanted=2, fail=True))
    assert runs.began == [NOON + HOUR, NOON + 2 * HOUR]


async def test_run_on_startup_comes_before_the_schedule() -> None:
    runs = await run(timer(runOnStartup=True), Runs(TurnedClock(NOON + MINUTE), wanted=2))
    assert runs.began == [NOON + MINUTE, NOON + HOUR]
    assert not any(told.past_due for told in runs.told)


async def test_stopping_starts_no_run_and_leaves_the_one_under_way_alone() -> None:
    runs = Runs()
    async with started(timer(), runs=runs) as timers, asyncio.timeout(LIMIT_SECONDS):
        await runs.enough.wait()
        await timers.stop()
        runs.go_on.set()
        await runs.gone_on.wait()
        for _ in range(10):
            await asyncio.sleep(0)
    assert runs.began == [NOON + HOUR, NOON + 2 * HOUR]
    assert not runs.under_way


async def test_a_run_that_was_missed_between_two_hosts_is_made_up_for_once(file: Path) -> None:
    runs = await after_a_restart(file, MORNING, wanted=2)
    assert runs.began == [MORNING, NOON + 21 * HOUR]
    assert [told.past_due for told in runs.told] == [True, False]
    assert runs.told[0].schedule_status == {
        "Last": "2026-01-31T13:00:00+00:00",
        "Next": "2026-01-31T14:00:00+00:00",
        "LastUpdated": "2026-01-31T13:00:00+00:00",
    }


async def test_a_missed_run_takes_the_place_of_the_one_on_startup(file: Path) -> None:
    runs = await after_a_restart(file, MORNING, timer(runOnStartup=True), wanted=2)
    assert runs.began == [MORNING, NOON + 21 * HOUR]


@pytest.mark.parametrize("minutes", [0, 59, 60])
async def test_a_restart_up_to_the_next_run_misses_none(file: Path, minutes: int) -> None:
    runs = await after_a_restart(file, NOON + HOUR + minutes * MINUTE)
    assert runs.began == [NOON + 2 * HOUR]
    assert not runs.told[0].past_due
    assert runs.told[0].schedule_status["Last"] == "2026-01-31T13:00:00+00:00"


async def test_a_run_is_missed_too_when_there_was_none_before(file: Path) -> None:
    async with started(timer(), runs=Runs(), statuses=Statuses(file)):
        pass
    runs = await run(timer(), Runs(TurnedClock(MORNING)), Statuses(file))
    assert runs.told[0].past_due
    assert runs.told[0].schedule_status["Next"] == "2026-01-31T13:00:00+00:00"


async def test_a_new_schedule_has_missed_nothing(file: Path) -> None:
    runs = await after_a_restart(file, MORNING, timer("0 30 * * * *"))
    assert runs.began == [MORNING + 29 * MINUTE]
    assert runs.told[0].schedule_status == {
        "Last": NOT_YET,
        "Next": "2026-02-01T08:30:00+00:00",
        "LastUpdated": "2026-02-01T08:01:00+00:00",
    }


async def test_a_new_schedule_can_miss_a_run_from_its_first_host_on(file: Path) -> None:
    await run(timer(), Runs(), Statuses(file))
    function = timer("0 30 * * * *")
    async with started(function, runs=Runs(TurnedClock(MORNING)), statuses=Statuses(file)):
        pass
    runs = await run(function, Runs(TurnedClock(MORNING + 2 * HOUR)), Statuses(file))
    assert runs.told[0].past_due
    assert runs.told[0].schedule_status["Next"] == "2026-02-01T08:30:00+00:00"


async def test_a_new_schedule_that_is_still_to_come_is_reckoned_from_the_last_run(file: Path) -> None:
    runs = await after_a_restart(file, NOON + HOUR + MINUTE, timer("00:20:00"))
    assert runs.began == [NOON + HOUR + 20 * MINUTE]


ODD_TIME = '"0001-01-01T00:00:00+01:00"'


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"nightly": {}}',
        '{"nightly": {"Last": 1, "Next": 2, "LastUpdated": 3}}',
        f'{{"nightly": {{"Last": {ODD_TIME}, "Next": {ODD_TIME}, "LastUpdated": {ODD_TIME}}}}}',
    ],
)
def test_a_file_that_holds_something_else_is_refused(file: Path, content: str) -> None:
    file.write_text(content)
    with pytest.raises(SettingsError, match=r"timers.json does not hold the status of timers; delete it"):
        Statuses(file)


async def test_a_file_that_cannot_be_written_is_logged_and_the_timer_goes_on(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    runs = await run(timer(), Runs(wanted=2), Statuses(file.parent / "missing" / "timers.json"))
    assert runs.began == [NOON + HOUR, NOON + 2 * HOUR]
    assert "The status of the timer nightly cannot be kept" in caplog.text


@pytest.mark.parametrize(
    ("schedule", "described"),
    [
        ("0 0 %HOUR% * * *", "timer 0 0 6 * * * (next 2026-02-01T06:00:00Z)"),
        ("00:10:00", "timer 00:10:00 (next 2026-01-31T12:10:00Z)"),
        ("0 0 0 31 Feb *", "timer 0 0 0 31 Feb * (never)"),
        ("%DAY%", "timer %DAY%, left out: '%DAY%' does not resolve to a value; set the app setting DAY"),
    ],
)
async def test_how_a_timer_is_described(schedule: str, described: str) -> None:
    function = timer(schedule)
    async with started(function, runs=Runs()) as timers:
        assert timers.describe(function) == described


async def test_a_missed_run_is_described_as_such(file: Path) -> None:
    await run(timer(), Runs(), Statuses(file))
    function = timer()
    async with started(function, runs=Runs(TurnedClock(MORNING)), statuses=Statuses(file)) as timers:
        assert timers.describe(function) == "timer 0 0 * * * * (past due since 2026-01-31T14:00:00Z)"


async def test_a_disabled_timer_does_not_run_by_itself() -> None:
    paused, runs = timer("* * * * * *", "Paused"), Runs(wanted=3)
    async with started(paused, timer(), runs=runs, disabled=["paused"]) as timers, asyncio.timeout(LIMIT_SECONDS):
        assert timers.describe(paused) == "timer * * * * * * (disabled)"
        await runs.enough.wait()
    assert runs.began == [NOON + n * HOUR for n in (1, 2, 3)]


async def test_a_timer_without_a_usable_schedule_is_left_out_and_the_others_run(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, runs = timer("0 0 ? * * *", "broken"), Runs()
    async with started(broken, timer(), runs=runs, disabled=["broken"]) as timers, asyncio.timeout(LIMIT_SECONDS):
        await runs.enough.wait()
        with pytest.raises(ScheduleError, match="the hour"):
            timers.unscheduled(broken)
    assert runs.began == [NOON + HOUR]
    assert "The 'broken' function is in error: '0 0 ? * * *' is not a time span" in caplog.text


async def test_a_run_by_hand_is_told_what_is_kept() -> None:
    hourly, paused = timer(), timer(name="paused")
    async with started(hourly, paused, runs=Runs(), disabled=["paused"]) as timers:
        told = request(timers.unscheduled(hourly))
        assert request(timers.unscheduled(paused)).schedule_status == {}
    assert not told.past_due
    assert told.schedule_status == {
        "Last": NOT_YET,
        "Next": "2026-01-31T13:00:00+00:00",
        "LastUpdated": "2026-01-31T12:00:00+00:00",
    }


async def test_a_time_zone_is_not_honoured_and_said_so(caplog: pytest.LogCaptureFixture) -> None:
    function = timer("0 0 %HOUR% * * *")
    async with started(function, runs=Runs()) as timers:
        assert timers.describe(function).endswith("(next 2026-02-01T06:00:00Z)")
    assert "WEBSITE_TIME_ZONE is ignored" in caplog.text


class JumpingClock(WallClock):
    """Jumps an hour while it is slept by, as the clock of a laptop does that was shut."""

    def __init__(self) -> None:
        self.times = [NOON, NOON + HOUR]

    def now(self) -> datetime:
        return self.times.pop(0)


async def test_time_in_which_the_machine_slept_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "LONGEST_SLEEP_SECONDS", 0.01)
    jumping = JumpingClock()
    async with asyncio.timeout(LIMIT_SECONDS):
        await jumping.sleep_until(NOON + HOUR)
    assert not jumping.times


class CountedClock(WallClock):
    """Counts how often it is looked at."""

    looks = 0

    def now(self) -> datetime:
        self.looks += 1
        return super().now()


async def test_the_wall_clock_wakes_nobody_early_and_is_hardly_looked_at() -> None:
    counted = CountedClock()
    due = counted.now() + timedelta(milliseconds=30)
    await counted.sleep_until(due)
    assert due <= WallClock().now() < due + timedelta(seconds=LIMIT_SECONDS)
    assert counted.looks < 6
