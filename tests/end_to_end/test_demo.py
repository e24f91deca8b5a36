"""`make demo` as a person sees it: a line for each step, the page, Ctrl-C, and a run that goes another way."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.support.host_process import CHECKOUT, free_port

LIMIT_SECONDS = 60
INTERRUPTED = 130
COMMAND = ("-W", "error", "-X", "dev", "-m", "emulator")
WITH_A_503 = """
import runpy
from emulator.demo.pace import Pace
from emulator.graph.options import failing_poll
make_tenant = Pace.make_tenant
def make_failing_tenant(pace):
    tenant = make_tenant(pace)
    tenant.faults.insert(0, failing_poll("503"))
    return tenant
Pace.make_tenant = make_failing_tenant
runpy.run_module("emulator", run_name="__main__", alter_sys=True)
"""
WITHOUT_A_READER = """
import os, runpy
reader, writer = os.pipe()
os.dup2(writer, 1)
os.close(reader)
runpy.run_module("emulator", run_name="__main__", alter_sys=True)
"""
BEFORE_THE_END = (
    ("start", r"The last scan of StaleSignInAlert was at .* and found 3 incidents\. .*"),
    ("refresh", r"Graph accepts the refresh .* at \d\d:\d\d:\d\d\."),
    ("poll 1", r"'succeeded' of an earlier scan, at .*: it waits for the new scan\."),
    ("poll 2", r"429 with Retry-After: 4\. .* the next poll is at \d\d:\d\d:\d\d\."),
    ("poll 3", r"'running': this is the new scan\. The run sent no poll for \d+\.\d s, as Graph asked\."),
    ("kill", r"The demo kills the Functions host.* The next poll is due at \d\d:\d\d:\d\d\. .* reload the page\."),
    ("restart", r"A new host answers after \d+\.\d s\. The run is not lost: .*"),
)
STILL_RUNNING = r"'running'\. The next poll is at \d\d:\d\d:\d\d\."
END = (r"'succeeded', at .* That is after the refresh, .*", r"Fresh: 4 incidents, 1 more than before\.")
STAYS = "The page stays until you press Ctrl-C."


class Demo:
    def __init__(self, process: asyncio.subprocess.Process, port: str) -> None:
        self._process, self._port = process, port
        self.shown = ""

    async def read_to(self, text: str) -> str:
        """Return the first line that has `text`, once it is there."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.shown += line.decode()
            if text in line.decode():
                return line.decode()
        raise AssertionError(f"'{text}' never came:\n{self.shown}")

    async def await_host(self) -> None:
        """Wait until there is a host, before it says anything."""
        while not any(" host " in command for command in self.name_processes()):  # noqa: ASYNC110 -- no event tells it
            await asyncio.sleep(0.02)

    def press_ctrl_c(self) -> None:
        """Send the signal to the whole group, as a terminal does."""
        os.killpg(self._process.pid, signal.SIGINT)

    async def end(self) -> tuple[int, str]:
        """Return the exit code and what is on stderr."""
        output, errors = await self._process.communicate()
        self.shown += output.decode()
        return int(self._process.returncode or 0), errors.decode()

    def name_processes(self) -> list[str]:
        """Return the command line of each process that has the port among its options."""
        commands = []
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                commands.append(file.read_text().split("\0"))
            except OSError:  # the process has ended meanwhile
                continue
        return [" ".join(command) for command in commands if self._port in command]


@asynccontextmanager
async def demo_process(
    *options: str, environment: Mapping[str, str] = {}, command: tuple[str, ...] = COMMAND
) -> AsyncGenerator[Demo]:
    """Run the demo with polls as fast as they can be, and assert that it leaves no process behind."""
    port = str(free_port())
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command, "demo", "--poll-seconds", "2", "--port", port, *options),
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"]} | dict(environment),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        process_group=0,
    )
    demo = Demo(process, port)
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            yield demo
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()
    assert demo.name_processes() == []


def assert_story(shown: str) -> None:
    """Assert that each step has its line, in order. A slow host may come back when the scan is over."""
    lines = re.findall(r"^\d\d:\d\d:\d\d (.{8}) (.*)$", shown, re.MULTILINE)
    for (topic, text), (expected_topic, pattern) in zip(lines, BEFORE_THE_END, strict=False):
        assert topic.strip() == expected_topic
        assert re.fullmatch(pattern, text)
    *still_running, last_poll, alert = lines[len(BEFORE_THE_END) :]
    assert all(re.fullmatch(STILL_RUNNING, text) for _, text in still_running)
    assert [alert[0].strip(), last_poll[0].strip()[:4]] == ["alert", "poll"]
    assert re.fullmatch(END[0], last_poll[1])
    assert re.fullmatch(END[1], alert[1])
    assert re.search(r"^User Administrator +Person 3 ", shown, re.MULTILINE)
    assert "are made up.\n" in shown


async def play_once() -> None:
    environment = {"GRAPH_BASE_URL": "https://graph.microsoft.com", "POLL_MAX_SECONDS": "60"}
    async with demo_process("--once", environment=environment) as demo:
        code, errors = await demo.end()
    assert code == 0, errors
    assert "The emulator ignores GRAPH_BASE_URL, POLL_MAX_SECONDS of the shell." in errors
    assert len(errors.splitlines()) == 1
    assert STAYS not in demo.shown
    assert_story(demo.shown)


async def play_until_ctrl_c() -> None:
    async with demo_process() as demo, aiohttp.ClientSession(headers={"Accept": "text/html"}) as session:
        url = (await demo.read_to("in a browser")).split()[1]
        await demo.read_to(" poll 1 ")
        async with session.get(url, headers={"Accept": "application/json"}) as answer:
            assert (await answer.json())["state"] == "polling", "the line comes as it happens"
        await demo.read_to(STAYS)
        async with session.get(url) as answer:
            page = await answer.text()
        demo.press_ctrl_c()
        assert await demo.end() == (0, "")
    assert "Potential stale accounts in a privileged role" in page
    assert "person3@contoso.com" in page
    assert_story(demo.shown)


async def test_a_run_meets_an_earlier_scan_a_429_and_a_kill_and_its_page_shows_the_alert() -> None:
    # Side by side, because each of them takes 20 s, of which it waits 17.
    await asyncio.gather(play_once(), play_until_ctrl_c())


async def test_a_run_that_goes_another_way_is_one_sentence_and_a_failure() -> None:
    async with demo_process(command=("-c", WITH_A_503)) as demo:
        await demo.read_to(" refresh ")
        code, errors = await demo.end()
    assert code == 1
    assert " poll 1 " not in demo.shown
    wanted = "The demo expected poll 1 to show 'succeeded' of an earlier scan, but it showed 'Microsoft Graph"
    assert errors.startswith(wanted)
    assert len(errors.splitlines()) == 1


async def test_ctrl_c_while_the_host_starts_ends_every_process_quietly() -> None:
    async with demo_process() as demo:
        await demo.await_host()
        demo.press_ctrl_c()
        assert await demo.end() == (INTERRUPTED, "")


async def test_ctrl_c_pressed_twice_in_the_middle_of_the_run_ends_every_process_quietly() -> None:
    async with demo_process() as demo:
        await demo.read_to(" refresh ")
        demo.press_ctrl_c()
        demo.press_ctrl_c()
        assert await demo.end() == (INTERRUPTED, "")


async def test_a_reader_that_has_enough_is_no_failure() -> None:
    async with demo_process(command=("-c", WITHOUT_A_READER)) as demo:
        assert await demo.end() == (0, "")


async def test_a_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with demo_process("--port", str(port)) as demo:
            code, errors = await demo.end()
    assert (code, demo.shown) == (1, "")
    assert errors == f"Port {port} is in use: stop the program that has it, or give another, as PORT=7072.\n"


@pytest.mark.parametrize("seconds", ["1", "2.5", "²"])
async def test_polls_that_are_too_fast_are_one_sentence(seconds: str) -> None:
    async with demo_process(f"--poll-seconds={seconds}") as demo:
        code, errors = await demo.end()
    assert (code, demo.shown) == (2, "")
    assert f"'{seconds}' is no whole number of 2 or more" in errors
    assert len(errors.splitlines()) == 1
