"""Timer functions on the emulated host as a process, on the real clock."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.emulator.host.conftest import APPS, MASTER_KEY, YEARLY, DurableApp, logged, until
from tests.support.host_process import HostProcess, host_process

MASTER = ["--master-key", MASTER_KEY]
APP = """
import logging
import azure.functions as func
app = func.FunctionApp()
log = logging.getLogger("app")

@app.timer_trigger(arg_name="timer", schedule="0 0 3 1 Jan *", run_on_startup=True)
def at_start(timer: func.TimerRequest) -> None:
    log.info("started, past due: %s", timer.past_due)

@app.timer_trigger(arg_name="timer", schedule="* * * * * *")
def paused(timer: func.TimerRequest) -> None:
    log.info("woken up")

@app.timer_trigger(arg_name="timer", schedule="%NO_SUCH_SETTING%")
def unset(timer: func.TimerRequest) -> None:
    log.info("run without a schedule")
"""


def make_app(folder: Path, app: str = APP) -> Path:
    (folder / "function_app.py").write_text(app)
    (folder / "host.json").write_text('{"version": "2.0"}')
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def timers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HostProcess]:
    folder = make_app(tmp_path_factory.mktemp("timers"))
    environment = {"AzureWebJobs.paused.Disabled": "true"}
    async with host_process(folder, environment=environment, arguments=MASTER) as host:
        yield host


async def test_a_timer_starts_orchestrations_at_its_times() -> None:
    environment = {"NIGHTLY_SCHEDULE": "* * * * * *"}
    began = time.monotonic()
    async with host_process(APPS / "durable", environment=environment) as host, aiohttp.ClientSession() as session:
        app = DurableApp(host, session)

        async def twice() -> bool:
            return len(await app.nights()) > 1

        await until(twice)
        nights = await app.nights()
        assert len(nights) <= time.monotonic() - began + 1
        assert nights[0]["input"] == {"past_due": False, "schedule": {"AdjustForDST": True}, "schedule_status": {}}


async def test_the_banner_tells_each_timers_next_time_or_why_there_is_none(timers: HostProcess) -> None:
    year = datetime.now(UTC).year
    assert re.search(rf"  at_start: timer 0 0 3 1 Jan \* \(next ({year}|{year + 1})-01-01T03:00:00Z\)\n", timers.log)
    assert "  paused: timer * * * * * * (disabled)\n" in timers.log
    reason = "'%NO_SUCH_SETTING%' does not resolve to a value; set the app setting NO_SUCH_SETTING"
    assert f"  unset: timer %NO_SUCH_SETTING%, left out: {reason}\n" in timers.log
    assert f" ERROR   host.timers  The 'unset' function is in error: {reason}.\n" in timers.log


async def test_a_timer_can_run_on_startup(timers: HostProcess) -> None:
    await logged(timers, r"at_start \w{8}  started, past due: False\n")


async def test_a_missed_run_is_made_up_for_when_the_host_keeps_word_of_it(tmp_path: Path) -> None:
    file, last, following = tmp_path / "timers.json", "2023-01-01T03:00:00+00:00", "2024-01-01T03:00:00+00:00"
    missed = {"Last": last, "Next": following, "LastUpdated": last}
    file.write_text(json.dumps({"nightly": missed}))
    environment, arguments = {"NIGHTLY_SCHEDULE": YEARLY}, ["--timer-status", str(file)]
    async with (
        host_process(APPS / "durable", environment=environment, arguments=arguments) as host,
        aiohttp.ClientSession() as session,
    ):
        app = DurableApp(host, session)

        async def made_up_for() -> bool:
            return bool(await app.nights())

        await until(made_up_for)
        [night] = await app.nights()
        assert night["input"] == {"past_due": True, "schedule": {"AdjustForDST": True}, "schedule_status": missed}
        assert "  nightly: timer 0 0 3 1 Jan * (past due since 2024-01-01T03:00:00Z)\n" in host.log
    assert json.loads(await asyncio.to_thread(file.read_text))["nightly"]["Last"] > following
