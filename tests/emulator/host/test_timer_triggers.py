"""Timer functions: their times on a clock that the test turns, and a host process on the real one."""

import asyncio
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from azure.functions.timer import TimerRequest, TimerRequestConverter

from emulator.host.dispatch.background import Background
from emulator.host.dispatch.runner import Runner
from emulator.host.settings import HostSettings
from emulator.host.timers import Statuses, TimerTriggers
from emulator.host.worker import Datum, Function
from tests.conformance.row import Ask, manage
from tests.emulator.host.conftest import MASTER_KEY, SampleApp, sample_host

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOT_YET = "0001-01-01T00:00:00+00:00"
HOURLY = {"type": "timerTrigger", "name": "timer", "schedule": "0 0 * * * *"}


class TurnedClock:
    """Turns to whatever is waited for."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    async def sleep_until(self, moment: datetime) -> None:
        self.time = max(self.time, moment)
        await asyncio.sleep(0)


@dataclass
class Runs(Runner):
    """Runs functions in no time, and holds the one after `wanted`."""

    clock: TurnedClock
    wanted: int
    began: list[datetime] = field(default_factory=list)
    given: list[TimerRequest] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, function: Function, trigger: Datum | None, **_: Any) -> Datum | None:
        """Run nothing, and remember what the SDK makes of the trigger value for the function."""
        assert function.name == "nightly"
        if len(self.began) == self.wanted:
            self.enough.set()
            await asyncio.Event().wait()
        self.began.append(self.clock.now())
        self.given.append(
            cast("TimerRequest", TimerRequestConverter.decode(cast("Any", trigger), trigger_metadata=None))
        )
        return None


async def run_hourly(now: datetime, *, file: Path | None = None, wanted: int = 1) -> Runs:
    """Host a function that runs every hour, from `now` until it ran as often as wanted."""
    runs, under_way = Runs(TurnedClock(now), wanted), Background()
    settings = HostSettings(
        "api", "hub", 1, 1, 1, 1, 1, homepage=True, exports_spans=False, disabled_functions=frozenset()
    )
    functions = [Function.from_bindings("nightly", "id", [json.dumps(HOURLY)])]
    timers = TimerTriggers(functions, settings, runs, Statuses(file), under_way, clock=runs.clock)
    timers.start()
    async with asyncio.timeout(5):
        await runs.enough.wait()
    await timers.stop()
    await under_way.cancel()
    return runs


async def test_a_timer_runs_at_its_times_and_hears_what_it_did_last() -> None:
    runs = await run_hourly(NOON + MINUTE, wanted=3)
    assert runs.began == [NOON + n * HOUR for n in (1, 2, 3)]
    assert not any(given.past_due for given in runs.given)
    assert runs.given[0].schedule == {"AdjustForDST": True}
    following = {"Last": NOT_YET, "Next": "2026-01-31T13:00:00+00:00", "LastUpdated": NOT_YET}
    assert runs.given[0].schedule_status == following
    last = "2026-01-31T13:00:00+00:00"
    assert runs.given[1].schedule_status == {"Last": last, "Next": "2026-01-31T14:00:00+00:00", "LastUpdated": last}


@pytest.mark.parametrize(
    ("restarted", "began", "past_due"),
    [
        (HOUR, [2 * HOUR], [False]),
        (HOUR + 59 * MINUTE, [2 * HOUR], [False]),
        (2 * HOUR, [2 * HOUR], [False]),
        (20 * HOUR + MINUTE, [20 * HOUR + MINUTE, 21 * HOUR], [True, False]),
    ],
)
async def test_what_was_missed_between_two_hosts_is_made_up_for_once(
    tmp_path: Path, restarted: timedelta, began: list[timedelta], past_due: list[bool]
) -> None:
    await run_hourly(NOON, file=tmp_path / "timers.json")
    runs = await run_hourly(NOON + restarted, file=tmp_path / "timers.json", wanted=len(began))
    assert runs.began == [NOON + each for each in began]
    assert [given.past_due for given in runs.given] == past_due
    assert runs.given[0].schedule_status["Last"] == "2026-01-31T13:00:00+00:00"
    assert runs.given[0].schedule_status["Next"] == "2026-01-31T14:00:00+00:00"


async def test_the_banner_tells_each_timers_next_time_or_why_there_is_none(app: SampleApp) -> None:
    assert await app.host.read_lines("at_start", "started, past due: False")
    year, reason = datetime.now(UTC).year, "'%NO_SUCH_SETTING%' does not resolve to a value; set the app setting"
    log = app.host.log
    assert re.search(rf"  at_start: timer 0 0 3 1 Jan \* \(next ({year}|{year + 1})-01-01T03:00:00Z\)\n", log)
    assert "  paused: timer * * * * * * (disabled)\n" in log
    assert f"  unset: timer %NO_SUCH_SETTING%, left out: {reason} NO_SUCH_SETTING\n" in log
    assert f" ERROR   host.timers  The 'unset' function is in error: {reason} NO_SUCH_SETTING.\n" in log


def nights(count: int, given: dict[str, Any]) -> Ask:
    """Wait for ends of what the timer function `nightly` starts, and for what it was given."""
    row = {"input": {"schedule": {"AdjustForDST": True}} | given}
    path = f"instances?instanceIdPrefix=nightly-&runtimeStatus=Completed&top={count}"
    return manage("GET", path, 200, [row] * count, until=True)


async def test_a_timer_runs_by_hand_with_its_durable_client(app: SampleApp) -> None:
    await app.send("POST", "/admin/functions/nightly", params={"code": MASTER_KEY}, json={"input": "no timer has one"})
    following = re.compile(r"^20\d\d-01-01T03:00:00\+00:00$")
    await app.hold(nights(1, {"past_due": False, "schedule_status": {"Last": NOT_YET, "Next": following}}))


async def test_a_timer_starts_orchestrations_at_its_times(session: aiohttp.ClientSession) -> None:
    async with sample_host(session, environment={"NIGHTLY_SCHEDULE": "* * * * * *"}) as app:
        await app.hold(nights(2, {"past_due": False, "schedule_status": {"Last": None, "Next": None}}))


async def test_a_missed_run_is_made_up_for_when_the_host_keeps_word_of_it(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    file, last, following = tmp_path / "timers.json", "2023-01-01T03:00:00+00:00", "2024-01-01T03:00:00+00:00"
    missed = {"Last": last, "Next": following, "LastUpdated": last}
    file.write_text(json.dumps({"nightly": missed}))
    async with sample_host(session, arguments=["--timer-status", str(file)]) as app:
        await app.hold(nights(1, {"past_due": True, "schedule_status": missed}))
        assert "  nightly: timer 0 0 3 1 Jan * (past due since 2024-01-01T03:00:00Z)\n" in app.host.log
    assert json.loads(await asyncio.to_thread(file.read_text))["nightly"]["Last"] > following
