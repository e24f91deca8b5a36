"""One block: so many runs in flight at once, all of whose scans end at one moment."""

import asyncio
import time
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from benchmarks.runs.graph import ENDED, SCANNED
from benchmarks.runs.process import MeasuredProcess, measured_process, read_banner
from benchmarks.runs.sides import Opener, Side, call_each
from emulator.identity import IdentityServer

CALLERS = 16
FIRST, WARM_UP = 50, 250
PATIENCE_SECONDS = 180.0
STEPS = 3
"""Of each run: a poll while the scan runs, one when it has ended, and the fetch."""
PROPERTIES = ("alertDefinitionId", "id", "incidentCount", "isActive", "lastModifiedDateTime", "scopeId", "scopeType")
SELECTIONS = [sorted(names) for count in range(1, len(PROPERTIES) + 1) for names in combinations(PROPERTIES, count)]
SETTINGS = {"POLL_MIN_SECONDS": "1", "POLL_MAX_SECONDS": "1"}
"""Otherwise the app waits for longer than Graph asks it to."""


class RunsLost(Exception):
    """Runs did not all end, or were not all in flight at once."""


@dataclass(frozen=True)
class Block:
    runs: int
    completions_per_second: float
    """From the moment the scans have ended to the last end of a run."""
    cpu_seconds: float
    """Of the process, from the first start to the last end, for one run."""
    resident_bytes: float
    """Growth of the process until all runs were in flight, for one run."""
    hub_bytes: float | None
    """The same of the task hub, when it is not in the process."""
    right: int
    """Runs that ended with their own result."""


def run_block(opener: Opener, runs: int) -> Block:
    """Start `runs` runs, let all their scans end at once, and wait until every run has its alert."""
    return asyncio.run(_run_block(opener, runs))


async def _run_block(opener: Opener, runs: int) -> Block:
    async with measured_process(("-m", "benchmarks.runs.graph")) as graph, IdentityServer() as identity:
        environment = {"GRAPH_BASE_URL": await read_banner(graph), **identity.environment, **SETTINGS}
        async with opener(environment) as side:
            seconds = await _warm_up(side, graph)
            return await _measure(side, graph, runs, seconds)


async def _warm_up(side: Side, graph: MeasuredProcess) -> float:
    """Run what brings imports and the token along; return the seconds that each run takes."""
    graph.tell("1")
    ended = (await read_banner(graph, "Operation ")).replace(SCANNED, ENDED)
    await _run_to_end(side, ended, FIRST)
    began = time.monotonic()
    await _run_to_end(side, ended, WARM_UP - FIRST)
    return (time.monotonic() - began) / (WARM_UP - FIRST)


async def _run_to_end(side: Side, operation: str, runs: int) -> None:
    ends = side.process.counts["end"] + runs
    await call_each([_make_request(operation, number) for number in range(runs)], side.start, CALLERS)
    await side.process.until(lambda: side.process.counts["end"] == ends, PATIENCE_SECONDS)


async def _measure(side: Side, graph: MeasuredProcess, runs: int, seconds_for_one: float) -> Block:
    process = side.process
    graph.banner.clear()
    # To begin a run is less than to begin and to end one.
    graph.tell(f"{3 + 1.2 * runs * seconds_for_one}")
    operation = await read_banner(graph, "Operation ")
    due = float(await read_banner(graph, "Due at "))
    requests = [_make_request(operation, number) for number in range(runs)]
    steps, cpu, resident = process.counts["poll"], process.cpu_seconds, process.resident_bytes
    hub_resident = side.hub.resident_bytes if side.hub else 0
    ids: list[str] = await call_each(requests, side.start, CALLERS)
    await process.until(lambda: process.counts["poll"] >= steps + runs, PATIENCE_SECONDS)
    left = due - time.time()
    if left < 0 or process.counts["poll"] > steps + runs:
        raise RunsLost(f"The first scan ended before the last of {runs} runs had begun. Is the machine busy?")
    grown = process.resident_bytes - resident
    hub_grown = (side.hub.resident_bytes - hub_resident) / runs if side.hub else None
    due_at = time.monotonic() + left
    await process.until(lambda: process.counts["end"] == WARM_UP + runs, left + PATIENCE_SECONDS)
    cpu = process.cpu_seconds - cpu
    if process.counts["poll"] - steps != STEPS * runs:
        raise RunsLost(f"{runs} runs made {process.counts['poll'] - steps} steps and not {STEPS} each.")
    results: list[Any] = await call_each(ids, side.read_result, CALLERS)
    right = _count_right(results, ids, requests)
    return Block(runs, runs / (process.at["end"] - due_at), cpu / runs, grown / runs, hub_grown, right)


def _make_request(operation: str, number: int) -> dict[str, Any]:
    """Return a request whose result few others have."""
    return {"operationId": operation, "select": SELECTIONS[number % len(SELECTIONS)]}


def _count_right(results: list[Any], ids: list[str], requests: list[dict[str, Any]]) -> int:
    """Count the results that have the id of their run, and of the alert what the run asked for."""
    count = 0
    for result, run_id, request in zip(results, ids, requests, strict=True):
        alert = (result or {}).get("alert") or {}
        properties = sorted(name for name in alert if not name.startswith("@odata") and name != "lastScannedDateTime")
        count += bool(alert) and (result["runId"], properties) == (run_id, request["select"])
    return count
