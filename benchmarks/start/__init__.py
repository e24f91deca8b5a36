"""Starts through the host's HTTP: a trigger that is a coroutine, one that is a function, and one that keeps its client.

The SDK makes a gRPC channel for each call of a coroutine, and keeps one for all calls of functions.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.report import Report, ratio
from benchmarks.runs.process import MeasuredProcess, listening, measured_process

APP = Path(__file__).with_name("app")
VARIANTS = {"async": "async def", "sync": "def", "kept": "async def, kept client"}
COMPARED = (("sync", "async"), ("kept", "async"), ("kept", "sync"))
CALLERS = (1, 32)
ROUNDS = 4
STARTS = 300
"""In each round of each variant."""
QUESTION = {"operationId": "refresh:DirectoryRole_19356be4-7e93-4ed6-a7c6-0ae28454d125_StaleSignInAlert"}


@dataclass(frozen=True)
class Round:
    starts_per_second: float
    seconds: list[float]
    """How long each start took its caller."""
    cpu_seconds: float
    """Of the host's process, for one start."""
    open_files: int
    """More than before, once the starts were over."""


def measure() -> Report:
    """Measure it all, variants in turn."""
    rounds = asyncio.run(_rounds())
    ratios, figures = [], dict[str, Any]()
    for callers in CALLERS:
        for variant, other in COMPARED:
            pairs = [
                (one.starts_per_second, another.starts_per_second)
                for one, another in zip(rounds[variant, callers], rounds[other, callers], strict=True)
            ]
            ratios.append(ratio(f"starts per second, {callers} at once: {VARIANTS[variant]}", VARIANTS[other], pairs))
        figures[f"{callers}AtOnce"] = {variant: _figures(rounds[variant, callers]) for variant in VARIANTS}
    return Report(ratios=ratios, figures=figures)


async def _rounds() -> dict[tuple[str, int], list[Round]]:
    found: dict[tuple[str, int], list[Round]] = {(variant, callers): [] for variant in VARIANTS for callers in CALLERS}
    command = ("-m", "emulator", "host", "--port", "0", "--log-level", "warning")
    async with measured_process(command, folder=APP) as process, aiohttp.ClientSession() as session:
        base = await listening(process)
        for variant in VARIANTS:
            await _round(process, session, f"{base}/api/{variant}", max(CALLERS))
        for _ in range(ROUNDS):
            for (variant, callers), rounds in found.items():
                rounds.append(await _round(process, session, f"{base}/api/{variant}", callers))
    return found


async def _round(process: MeasuredProcess, session: aiohttp.ClientSession, url: str, callers: int) -> Round:
    left, took = iter(range(STARTS)), list[float]()

    async def call() -> None:
        for _ in left:
            began = time.monotonic()
            async with session.post(url, json=QUESTION) as answer:
                await answer.read()
                answer.raise_for_status()
            took.append(time.monotonic() - began)

    files, cpu, began = process.open_files, process.cpu_seconds, time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(call())
    lasted = time.monotonic() - began
    more, spent = process.open_files - files, process.cpu_seconds - cpu
    return Round(STARTS / lasted, took, spent / STARTS, more)


def _figures(rounds: list[Round]) -> dict[str, float]:
    took = sorted(seconds for each in rounds for seconds in each.seconds)
    return {
        "startsPerSecond": round(sum(each.starts_per_second for each in rounds) / len(rounds), 1),
        "startMillisecondsP50": round(1000 * took[len(took) // 2], 2),
        "startMillisecondsP99": round(1000 * took[len(took) * 99 // 100], 2),
        "cpuMillisecondsPerStart": round(1000 * sum(each.cpu_seconds for each in rounds) / len(rounds), 2),
        "mostFilesLeftOpen": max(each.open_files for each in rounds),
    }
