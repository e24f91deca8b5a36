"""Timer functions on the emulated host as a process, on the real clock."""

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.emulator.host.conftest import APPS, MASTER_KEY, YEARLY, DurableApp, logged, run_by_hand, until
from tests.support.host_process import CHECKOUT, HostProcess, host_process

MASTER = ["--master-key", MASTER_KEY]
APP = """
import logging
import time
import azure.functions as func
app = func.FunctionApp()
log = logging.getLogger("app")

@app.timer_trigger(arg_name="timer", schedule="0 0 3 1 Jan *", run_on_startup=True)
def at_start(timer: func.TimerRequest) -> None:
    log.info("started, past due: %s", timer.past_due)

@app.timer_trigger(arg_name="timer", schedule="* * * * * *")
def fails(timer: func.TimerRequest) -> None:
    raise RuntimeError("on purpose")

@app.timer_trigger(arg_name="timer", schedule="* * * * * *")
def paused(timer: func.TimerRequest) -> None:
    log.info("woken up")

@app.timer_trigger(arg_name="timer", schedule="%NO_SUCH_SETTING%")
def unset(timer: func.TimerRequest) -> None:
    log.info("run without a schedule")

@app.timer_trigger(arg_name="timer", schedule="0 0 3 1 Jan *")
def sleepy(timer: func.TimerRequest) -> None:
    log.info("going to sleep")
    time.sleep(60)
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


async def test_a_failing_timer_goes_on(timers: HostProcess) -> None:
    await logged(timers, r"(?s)(fails \w{8} failed: RuntimeError: on purpose \(at function_app.py:.*){2}")


async def test_a_disabled_timer_runs_by_hand_only(timers: HostProcess, session: aiohttp.ClientSession) -> None:
    assert "woken up" not in timers.log
    await run_by_hand(timers, session, "paused", {})
    await logged(timers, r"paused \w{8}  woken up\n")


async def test_a_timer_that_is_left_out_does_not_run_by_hand(
    timers: HostProcess, session: aiohttp.ClientSession
) -> None:
    await run_by_hand(timers, session, "unset", {})
    await logged(timers, "The function unset was not run: '%NO_SUCH_SETTING%' does not resolve to a value")
    assert "run without a schedule" not in timers.log


async def test_a_run_that_blocks_does_not_hold_the_process(tmp_path: Path) -> None:
    async with host_process(make_app(tmp_path), arguments=MASTER) as host, aiohttp.ClientSession() as session:
        await run_by_hand(host, session, "sleepy", {})
        await logged(host, "going to sleep")
        began = time.monotonic()
        assert await host.stop() == 0
        assert time.monotonic() - began < 2
        assert "Stopped while functions were running" in host.log


ENDLESS = """
import asyncio
import azure.functions as func
app = func.FunctionApp()
begun = asyncio.Event()

@app.timer_trigger(arg_name="timer", schedule="0 0 3 1 Jan *", run_on_startup=True)
async def endless(timer: func.TimerRequest) -> None:
    begun.set()
    await asyncio.Event().wait()

@app.timer_trigger(arg_name="timer", schedule="0 0 3 1 Jan *")
def waiting(timer: func.TimerRequest) -> None:
    pass
"""
HOSTS_IT = """
import asyncio
from pathlib import Path
from emulator.host import FunctionsHost

async def main():
    host = FunctionsHost(Path.cwd())
    import function_app
    async with host:
        await function_app.begun.wait()
    print("left behind:", *asyncio.all_tasks() - {asyncio.current_task()})

asyncio.run(main())
"""


async def test_a_host_inside_another_program_leaves_no_timer_and_no_run_behind(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOSTS_IT),
        cwd=make_app(tmp_path, ENDLESS),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 20)
    assert output.decode().splitlines()[-1] == "left behind:"


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
