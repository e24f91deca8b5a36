"""A process under measurement: what it logs, as it comes, and what it takes of the machine."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import psutil

CHECKOUT = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
LAST_LINES = 20
EVENTS = {b'"event": "poll"': "poll", b'"event": "end"': "end"}
"""The log lines of the app that are counted. To ask the app how far it is would cost it more than the runs do."""


class ProcessFailed(Exception):
    """The process did not come up, or ended; the text has its last lines."""


class MeasuredProcess:
    """`at` is when each kind of event was last logged, `counts` how often, `banner` the lines before the first one."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._measured = psutil.Process(process.pid)
        self._changed = asyncio.Event()
        self._last: list[str] = []
        self.banner: list[str] = []
        self.counts: Counter[str] = Counter()
        self.at: dict[str, float] = {}
        self._reading = asyncio.create_task(self._read())

    async def until(self, reached: Callable[[], bool], seconds: float) -> None:
        """Wait until the log lets `reached` be true. Raises `ProcessFailed`."""
        try:
            async with asyncio.timeout(seconds):
                while not reached():
                    if self._reading.done():
                        raise ProcessFailed("\n".join(self._last))
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as error:
            raise ProcessFailed(f"After {seconds:.0f} s: {dict(self.counts)}\n" + "\n".join(self._last)) from error

    def banner_value(self, prefix: str) -> str | None:
        return next((line.removeprefix(prefix) for line in self.banner if line.startswith(prefix)), None)

    @property
    def cpu_seconds(self) -> float:
        """Of all its threads, in user and kernel mode."""
        times = self._measured.cpu_times()
        return times.user + times.system

    @property
    def resident_bytes(self) -> int:
        return self._measured.memory_info().rss

    def tell(self, text: str) -> None:
        """Write a line to its standard input."""
        assert self._process.stdin is not None  # noqa: S101 - opened as a pipe
        self._process.stdin.write(f"{text}\n".encode())

    async def stop(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - opened as a pipe
        async for line in self._process.stdout:
            event = next((name for text, name in EVENTS.items() if text in line), None)
            if event is None:
                text = line.decode(errors="replace").rstrip()
                self._last = [*self._last[1 - LAST_LINES :], text]
                if not self.counts:
                    self.banner.append(text)
            else:
                self.counts[event] += 1
                self.at[event] = monotonic()
            self._changed.set()
        self._changed.set()


@asynccontextmanager
async def measured_process(
    arguments: Sequence[str], environment: Mapping[str, str] = {}
) -> AsyncGenerator[MeasuredProcess]:
    """Run `python arguments` until the block ends; it gets PATH, HOME and `environment` only."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=CHECKOUT,
        env=inherited | {"PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"} | dict(environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    measured = MeasuredProcess(process)
    try:
        yield measured
    finally:
        await measured.stop()


async def read_banner(process: MeasuredProcess, prefix: str = "Listening on ") -> str:
    """Return what the process prints after `prefix`, once it does. Raises `ProcessFailed`."""
    await process.until(lambda: process.banner_value(prefix) is not None, START_SECONDS)
    return process.banner_value(prefix) or ""
