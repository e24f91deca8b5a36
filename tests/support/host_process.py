"""The emulated Functions host as a subprocess, for tests that want an app as its users see it."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

CHECKOUT = Path(__file__).resolve().parents[2]
START_SECONDS = 20.0
STOP_SECONDS = 5.0
# The last line of the banner: with it, all that a host says at its start is in the log.
READY = "Listening on "
# A clean host leaves none of these behind.
SUSPICIOUS = ("Unclosed", "never awaited", "Traceback", "was never retrieved", "Task was destroyed")


class HostProcess:
    """A running host; `log` is all it has written so far, stdout and stderr together."""

    def __init__(self, process: asyncio.subprocess.Process, base_url: str) -> None:
        self._process = process
        self._output = bytearray()
        self._written = asyncio.Event()
        self.killed = False
        self._reading = asyncio.create_task(self._read())
        self.base_url = base_url

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        return self._output.decode(errors="replace")

    async def until_running(self) -> None:
        """Wait until the host answers; raises AssertionError with the output when the process ends instead."""
        async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as session:
            while self._process.returncode is None:
                try:
                    async with session.get(self.base_url) as response:
                        if response.ok and READY in self.log:
                            return
                except aiohttp.ClientConnectionError:
                    pass
                await asyncio.sleep(0.02)
        await self._reading
        raise AssertionError(f"The host ended with {self._process.returncode} before it ran:\n{self.log}")

    async def read_lines(self, *words: str) -> list[str]:
        """Return the lines of the log that hold all `words`, once there is one. Raises TimeoutError."""
        async with asyncio.timeout(STOP_SECONDS):
            while not (lines := [line for line in self.log.splitlines() if all(word in line for word in words)]):
                self._written.clear()
                await self._written.wait()
        return lines

    async def kill(self) -> None:
        """End the process by SIGKILL, as a machine does that is lost."""
        self.killed = True
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> int:
        """End the process by SIGTERM, or SIGKILL when that is not enough, and return the exit code."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reading
        return int(self._process.returncode or 0)

    async def _read(self) -> None:
        if self._process.stdout is not None:
            while chunk := await self._process.stdout.read(65536):
                self._output += chunk
                self._written.set()


@asynccontextmanager
async def run_process(
    command: Sequence[str], port: int, environment: Mapping[str, str], *, folder: Path = CHECKOUT, clean: bool = True
) -> AsyncIterator[HostProcess]:
    """Run `command`, a host at `port`, until the block ends, then assert that it ended well.

    The process gets PATH, HOME and `environment`, nothing else of ours. `clean=False` allows tracebacks in the output,
    for apps that are meant to break.
    """
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=inherited | {"PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"} | dict(environment),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    host = HostProcess(process, f"http://127.0.0.1:{port}")
    try:
        await host.until_running()
        yield host
    finally:
        code = await host.stop()
    assert code == (-signal.SIGKILL if host.killed else 0), f"The host ended with {code}:\n{host.log}"
    if clean:
        found = [line for line in host.log.splitlines() if any(word in line for word in SUSPICIOUS)]
        assert not found, f"The host left something behind: {found}\n{host.log}"


@asynccontextmanager
async def host_process(  # noqa: PLR0913 -- every one of them is a choice of the test
    folder: Path,
    *,
    environment: Mapping[str, str] = {},
    function_key: str = "function-key",
    system_key: str = "system-key",
    arguments: Sequence[str] = (),
    clean: bool = True,
    port: int = 0,
    module: str = "emulator",
) -> AsyncIterator[HostProcess]:
    """Host the app in `folder`, as `run_process` does. `port` 0 takes a free one; `module` runs the emulator."""
    port = port or free_port()
    keys = ("--function-key", function_key, "--system-key", system_key)
    command = (sys.executable, "-m", module, "host", "--port", str(port), *keys, *arguments)
    async with run_process(command, port, environment, folder=folder, clean=clean) as host:
        yield host


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
