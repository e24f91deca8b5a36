"""A part of the emulator as a process of its own, as `python -m emulator` runs it."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]


@asynccontextmanager
async def command_process(
    *arguments: str, lines: int, stop: signal.Signals = signal.SIGTERM
) -> AsyncIterator[list[str]]:
    """Yield the first `lines` lines it prints; then stop it and see that it ends well and says nothing more."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-W", "error", "-X", "dev", "-m", "emulator", *arguments),
        cwd=CHECKOUT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            printed = [(await process.stdout.readline()).decode().rstrip() for _ in range(lines)]
        yield printed
        process.send_signal(stop)
        async with asyncio.timeout(5):
            rest, _ = await process.communicate()
        assert (process.returncode, rest.decode()) == (0, "")
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
