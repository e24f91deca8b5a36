"""What one look costs: the activity `get_operation` against bare aiohttp, and against Microsoft's SDK for Graph beta.

All sides look at one server in a process of its own, over kept-alive connections without TLS, each from a process that
measures itself. They are warm: what comes once, as the first look, stands apart. Ours pays for a real credential,
azure-identity before an emulated managed identity; bare and SDK get a fixed token for nothing.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from statistics import median
from typing import Literal

from benchmarks.look_process import Cost
from benchmarks.look_sides import Name, Side, graph, side
from benchmarks.report import Report, ratio

ROUNDS, LOOKS = 25, 400
"""Of ours and bare: 10,000 looks each, in blocks that take turns."""
SDK_EVERY, SDK_LOOKS = 3, 20
"""The SDK joins every third round: a block of it takes as long as all the others."""
IN_FLIGHT = {1: "one in flight", 100: "100 in flight"}
FIRST_LOOKS = 3
OURS_AT_MOST, SDK_AT_LEAST = 1.3, 20
BARE, SDK = "bare aiohttp and json", "msgraph-beta-sdk"


def measure() -> Report:
    return asyncio.run(_measure())


async def _measure() -> Report:
    report = Report(ratios=[], figures={"ours": {}, "bare": {}, "sdk": {}})
    async with graph() as (port, environment):
        await _first_looks(report, port, environment)
        async with AsyncExitStack() as stack:
            names: list[Name] = ["ours", "bare", "sdk"]
            sides = {name: await stack.enter_async_context(side(name, port, environment)) for name in names}
            before = {name: await each.look(20, 1) for name, each in sides.items()}
            for in_flight in IN_FLIGHT:
                await _looks(report, sides, in_flight)
            for name, each in sides.items():
                after = await each.look(20, 1)
                report.figures[name] |= {
                    "residentMiB": _mebibytes(after["residentBytes"]),
                    "grownMiB": _mebibytes(after["residentBytes"] - before[name]["residentBytes"]),
                    "peakResidentMiB": _mebibytes(after["peakResidentBytes"]),
                    "connections": each.connections,
                }
    return report


async def _first_looks(report: Report, port: int, environment: Mapping[str, str]) -> None:
    first: dict[Name, list[Cost]] = {"ours": [], "sdk": []}
    for _ in range(FIRST_LOOKS):
        for name, costs in first.items():
            async with side(name, port, environment) as fresh:
                costs.append(await fresh.look(1, 1))
    for name, costs in first.items():
        report.figures[name]["firstLookCpuMilliseconds"] = _milliseconds(costs, "cpuSeconds")
        report.figures[name]["startAndFirstLookCpuMilliseconds"] = _milliseconds(costs, "processCpuSeconds")
    pairs = _pairs(first["sdk"], first["ours"], "processCpuSeconds")
    report.ratios.append(ratio(f"{SDK}, CPU from a process's start to its first look", "ours", pairs))


async def _looks(report: Report, sides: Mapping[Name, Side], in_flight: int) -> None:
    costs = await _take_turns(sides, in_flight)
    ours, bare, sdk, many = costs["ours"], costs["bare"], costs["sdk"], IN_FLIGHT[in_flight]
    cpu, wall = _pairs(ours, bare, "cpuSeconds"), _pairs(ours, bare, "wallSeconds")
    against_ours = _pairs(sdk, ours[::SDK_EVERY], "cpuSeconds")
    report.ratios.extend(
        [
            ratio(f"CPU per look, {many}", BARE, cpu, at_most=OURS_AT_MOST),
            ratio(f"wall time per look, {many}", BARE, wall),
            ratio(f"{SDK}, CPU per look, {many}", "ours", against_ours, at_least=SDK_AT_LEAST),
        ]
    )
    for name, each in costs.items():
        report.figures[name] |= {
            f"cpuMilliseconds{in_flight}InFlight": _milliseconds(each, "cpuSeconds"),
            f"wallMilliseconds{in_flight}InFlight": _milliseconds(each, "wallSeconds"),
        }


async def _take_turns(sides: Mapping[Name, Side], in_flight: int) -> dict[Name, list[Cost]]:
    """Return what a look cost in each side's blocks."""
    costs: dict[Name, list[Cost]] = {name: [] for name in sides}
    for number in range(ROUNDS):
        # Who begins takes turns, too.
        for name in list(sides)[:: -1 if number % 2 else 1]:
            if name == "sdk" and number % SDK_EVERY:
                continue
            looks = max(SDK_LOOKS if name == "sdk" else LOOKS, in_flight)
            # A connection that was idle during the others' turns may be gone: these make it anew.
            await sides[name].look(in_flight, in_flight)
            cost = await sides[name].look(looks, in_flight)
            each: Cost = {
                **cost,
                "cpuSeconds": cost["cpuSeconds"] / looks,
                "wallSeconds": cost["wallSeconds"] / looks,
            }
            costs[name].append(each)
    return costs


type _Time = Literal["cpuSeconds", "wallSeconds", "processCpuSeconds"]


def _pairs(ours: list[Cost], other: list[Cost], what: _Time) -> list[tuple[float, float]]:
    return [(one[what], another[what]) for one, another in zip(ours, other, strict=True)]


def _milliseconds(costs: list[Cost], what: _Time) -> float:
    return round(median(cost[what] for cost in costs) * 1000, 3)


def _mebibytes(size: int) -> float:
    return round(size / 2**20, 1)
