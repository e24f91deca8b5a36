"""A process that looks when it is told to, and says what that cost: one for each side, all measured alike.

Each line on stdin is a block, `{"looks": 400, "inFlight": 1}`; each line on stdout a `Cost`. Standard library only: the
peers' Python runs it, too.
"""

import asyncio
import json
import resource
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import TypedDict

type Look = Callable[[], Awaitable[object]]
"""Looks once and returns the status of the operation."""


class Block(TypedDict):
    looks: int
    inFlight: int


class Cost(TypedDict):
    """What a block took."""

    cpuSeconds: float
    """User and system time of this process."""
    wallSeconds: float
    processCpuSeconds: float
    """All that this process has taken since it began."""
    residentBytes: int
    peakResidentBytes: int


async def look_when_told(look: Look) -> None:
    """Serve blocks until stdin ends. Raises when a look sees anything but a running operation."""
    for line in sys.stdin:
        block: Block = json.loads(line)
        cost = await _looks(look, block["looks"], block["inFlight"])
        print(json.dumps(cost), flush=True)  # noqa: T201 - to the process that started this one


async def _looks(look: Look, looks: int, in_flight: int) -> Cost:
    async def one_after_another(count: int) -> None:
        for _ in range(count):
            status = await look()
            if status != "running":
                raise RuntimeError(f"the operation is {status!r}")

    counts = [looks // in_flight] * in_flight
    wall, cpu = perf_counter(), process_time()
    await asyncio.gather(*map(one_after_another, counts))
    total, wall = process_time(), perf_counter() - wall
    resident, peak = _memory()
    return {
        "cpuSeconds": total - cpu,
        "wallSeconds": wall,
        "processCpuSeconds": total,
        "residentBytes": resident,
        "peakResidentBytes": peak,
    }


def _memory() -> tuple[int, int]:
    status = Path("/proc/self/status")
    if status.exists():
        # Not ru_maxrss: on Linux it begins with what the process that started this one had.
        fields = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
        return int(fields["VmRSS"].split()[0]) * 1024, int(fields["VmHWM"].split()[0]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak, peak
