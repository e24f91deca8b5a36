"""The processes that look, side by side, at one server: started together, told what to do, ended together."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Literal, cast

from benchmarks.look_process import Block, Cost
from benchmarks.peers.environment import peers_python
from emulator.identity import IdentityServer

type Name = Literal["ours", "bare", "sdk"]

PROGRAMS: Mapping[Name, str] = {
    "ours": "benchmarks.look_ours",
    "bare": "benchmarks.look_bare",
    "sdk": "benchmarks.peers.look_sdk",
}
TOKEN = "x" * 1500
"""As long as one of Entra's; only ours gets its own, from the emulated managed identity."""


class Side:
    """A process that looks."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        # Optional for processes without pipes only.
        self._told = cast("asyncio.StreamWriter", process.stdin)
        self._says = cast("asyncio.StreamReader", process.stdout)
        self._port = port
        self.connections = 0
        """That it has made so far."""

    async def look(self, looks: int, in_flight: int) -> Cost:
        """Return what `looks` cost. Raises `RuntimeError` when the process ended before, having said why."""
        before = await connections(self._port)
        block: Block = {"looks": looks, "inFlight": in_flight}
        self._told.write(json.dumps(block).encode() + b"\n")
        line = await self._says.readline()
        if not line:
            raise RuntimeError("a process that looks has ended: see its own words above")
        # The question itself takes one.
        self.connections += await connections(self._port) - before - 1
        cost: Cost = json.loads(line)
        return cost


@asynccontextmanager
async def graph() -> AsyncGenerator[tuple[int, dict[str, str]]]:
    """Serve the operation that is looked at, and tokens; give the port, and the environment of those who look."""
    async with AsyncExitStack() as stack:
        identity = await stack.enter_async_context(IdentityServer())
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.look_server", stdout=asyncio.subprocess.PIPE
        )
        stack.push_async_callback(_ended, process)
        port = int(await cast("asyncio.StreamReader", process.stdout).readline())
        named = {"GRAPH_BASE_URL": f"http://127.0.0.1:{port}", "TOKEN": TOKEN}
        yield port, {**os.environ, **identity.environment, **named}


@asynccontextmanager
async def side(name: Name, port: int, environment: Mapping[str, str]) -> AsyncGenerator[Side]:
    """Start the process of one side."""
    python = peers_python() if name == "sdk" else sys.executable
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        python, "-m", PROGRAMS[name], stdin=pipe, stdout=pipe, env=environment
    )
    try:
        yield Side(process, port)
    finally:
        await _ended(process)


async def connections(port: int) -> int:
    """Return how many connections the server has seen, this one included."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /connections HTTP/1.1\r\nHost: graph\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    counted = int(await reader.readexactly(length))
    writer.close()
    await writer.wait_closed()
    return counted


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    # Reads what is left, too: otherwise the pipes outlive the event loop.
    await process.communicate()
