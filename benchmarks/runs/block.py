"""One block: so many runs in flight at once, all of whose scans end at one moment."""

import asyncio
import time
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from benchmarks.runs.graph import ENDED, SCANNED
from benchmarks.runs.process import MeasuredProcess, listening, measured_process
from benchmarks.runs.sides import Opened, Side, each
from emulator.identity import IdentityServer

CALLERS = 16
FIRST, WARM_UP = 50, 250
PATIENCE_SECONDS = 180.0
LOOKS = 3
"""Of each run: at the operation while it runs, at it when it has ended, and at the alert."""
PROPERTIES = ("alertDefinitionId", "id", "incidentCount", "isActive", "lastModifiedDateTime", "scopeId", "scopeType")
SELECTIONS = [sorted(chosen) for count in range(1, len(PROPERTIES) + 1) for chosen in combinations(PROPERTIES, count)]
OFTEN = {"POLL_MIN_SECONDS": "0.1", "POLL_MAX_SECONDS": "0.1"}
"""Otherwise the app would wait for longer than Graph asks it to."""


class RunsLost(Exception):
    """Runs did not all end, or not with their own answer, or were not all in flight at once."""


@dataclass(frozen=True)
class Block:
    runs: int
    completions_per_second: float
    """From the moment the scans have ended to the last end of a run."""
    cpu_seconds: float
    """Of the process, from the first start to the last end, for one run."""
    resident_bytes: float
    """Growth of the process until all runs were in flight, for one run."""
    start_seconds: list[float]
    """How long each start took its caller, in ascending order."""
    answered: int
    """Runs that ended with their own answer."""

    def start_at(self, share: float) -> float:
        """Return the seconds within which `share` of the starts were answered."""
        return self.start_seconds[int(share * (len(self.start_seconds) - 1))]


async def measure_block(opened: Opened, runs: int) -> Block:
    """Start `runs` runs, let all their scans end at once, and wait until every run has told its alert."""
    async with measured_process(("-m", "benchmarks.runs.graph")) as graph, IdentityServer() as identity:
        environment = {"GRAPH_BASE_URL": await listening(graph), **identity.environment, **OFTEN}
        async with opened(environment) as side:
            return await _measured(side, graph, runs)


async def _measured(side: Side, graph: MeasuredProcess, runs: int) -> Block:
    graph.tell("1")
    over = (await listening(graph, "Operation ")).replace(SCANNED, ENDED)
    # What comes first brings imports and the token along.
    await _over(side, [_question(over, number) for number in range(FIRST)])
    began = time.monotonic()
    await _over(side, [_question(over, number) for number in range(FIRST, WARM_UP)])
    return await _in_flight(side, graph, runs, (time.monotonic() - began) / (WARM_UP - FIRST))


async def _over(side: Side, questions: list[dict[str, Any]]) -> None:
    """Start runs whose scan is over, and wait until they are, too."""
    ends = side.process.counts["end"] + len(questions)
    await each(questions, side.start, CALLERS)
    await side.process.until(lambda: side.process.counts["end"] == ends, PATIENCE_SECONDS)


async def _in_flight(side: Side, graph: MeasuredProcess, runs: int, seconds_for_one: float) -> Block:
    process, took = side.process, list[float]()

    async def start(question: dict[str, Any]) -> str:
        began = time.monotonic()
        started = await side.start(question)
        took.append(time.monotonic() - began)
        return started

    graph.banner.clear()
    # To begin a run is less than to begin and to end one.
    graph.tell(f"{3 + 1.2 * runs * seconds_for_one}")
    operation = await listening(graph, "Operation ")
    due = float(await listening(graph, "Due at "))
    questions = [_question(operation, number) for number in range(runs)]
    looks, cpu, resident = process.counts["look"], process.cpu_seconds, process.resident_bytes
    ids: list[str] = await each(questions, start, CALLERS)
    await process.until(lambda: process.counts["look"] >= looks + runs, PATIENCE_SECONDS)
    left = due - time.time()
    if left < 0 or process.counts["look"] > looks + runs:
        raise RunsLost(f"The first scan ended before the last of {runs} runs had begun. Is the machine busy?")
    grown = process.resident_bytes - resident
    due_at = time.monotonic() + left
    await process.until(lambda: process.counts["end"] == WARM_UP + runs, left + PATIENCE_SECONDS)
    cpu = process.cpu_seconds - cpu
    if process.counts["look"] - looks != LOOKS * runs:
        raise RunsLost(f"{runs} runs made {process.counts['look'] - looks} looks and not {LOOKS} each.")
    results: list[Any] = await each(ids, side.result, CALLERS)
    answered = _answered(results, ids, questions)
    return Block(runs, runs / (process.at["end"] - due_at), cpu / runs, grown / runs, sorted(took), answered)


def _question(operation: str, number: int) -> dict[str, Any]:
    """Return a question that no other number asks, and whose answer few others get."""
    select = SELECTIONS[number % len(SELECTIONS)]
    return {"operationId": operation, "select": select, "timeoutSeconds": 3600 + number}


def _answered(results: list[Any], ids: list[str], questions: list[dict[str, Any]]) -> int:
    """Count the runs that tell their own id, and of the alert what they were asked for."""
    count = 0
    for result, started, question in zip(results, ids, questions, strict=True):
        told = (result or {}).get("alert") or {}
        properties = sorted(name for name in told if not name.startswith("@odata") and name != "lastScannedDateTime")
        count += (result["runId"], properties) == (started, question["select"]) if told else 0
    return count


def block(opened: Opened, runs: int) -> Block:
    """Return `measure_block`'s block, in an event loop of its own."""
    return asyncio.run(measure_block(opened, runs))
