"""The task hub as a subprocess, for tests in which hosts come and go."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tests.support.host_process import CHECKOUT, HostProcess


@asynccontextmanager
async def task_hub_process(port: int = 0, arguments: Sequence[str] = ()) -> AsyncIterator[str]:
    """Yield the address of a task hub that lives until the block ends, and assert that it ended well."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "emulator", "taskhub", "--port", str(port), *arguments),
        cwd=CHECKOUT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        announced = (await process.stdout.readline()).decode()
    address = announced.removeprefix("Task hub at ").rstrip()
    hub = HostProcess(process, address)
    try:
        yield address
    finally:
        code = await hub.stop()
    assert (code, "Traceback" in hub.log) == (0, False), f"The task hub ended with {code}:\n{hub.log}"
