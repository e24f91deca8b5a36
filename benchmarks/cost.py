"""What one run costs: the documented sample, whose scan took 327 s, refreshed and waited for in virtual time.

Counted, not timed, and the same in every run. The transactions are those that the storage provider makes for a message
and for a turn (DurableTask.AzureStorage: AzureStorageOrchestrationService.cs, AzureTableTrackingStore.cs). What an idle
app asks of its queues comes on top, whatever the number of runs.
https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-azure-storage-provider
"""

from datetime import timedelta
from typing import Any

from benchmarks.report import Ratio, Report
from domain.durations import PRIOR, Durations, learned
from domain.timestamps import format_timestamp
from orchestrators.await_alert import await_alert
from tests.orchestrators.looks import fetched, memories, refreshed
from tests.support.graph_samples import ALERT_ID, RUNNING, SUCCEEDED, asked
from tests.support.virtual_time import START, VirtualTime

SCAN = timedelta(seconds=327)
"""https://learn.microsoft.com/graph/api/longrunningoperation-get: created 22:50:41, succeeded 22:56:09."""
EVERY_HALF_MINUTE = 11
"""Looks of one that looks every 30 s."""

PER_MESSAGE = 3
"""A queue message is put, got and deleted."""
PER_TURN = 3
"""The history is read and written, and the row of the instance is."""
PER_START = 1
"""The row of the instance."""

LEAST_SECONDS, LEAST_GIGABYTES = 0.1, 0.125
"""Of an execution on the Consumption plan: https://azure.microsoft.com/pricing/details/functions/"""


def measure() -> Report:
    """Count the cost of a run that knows nothing of scans, and of one that has seen twenty alike."""
    known = PRIOR
    for _ in range(20):
        known = learned(known, SCAN.total_seconds())
    first, later = _cost(PRIOR), _cost(known)
    ratios = [
        Ratio(what=f"looks at the sample, {name}", against="every 30 s", middle=ratio, low=ratio, high=ratio)
        for name, cost in (("not learned", first), ("learned", later))
        if (ratio := cost["looks"] / EVERY_HALF_MINUTE)
    ]
    return Report(ratios=ratios, figures={"notLearned": first, "learned": later})


def _cost(known: Durations) -> dict[str, float]:
    time = _run(known)
    names = [name for _, name, _ in time.calls]
    entities = len(time.entities.operations)
    timers = sum(action.HasField("createTimer") for _, response in time.steps for action in response.actions)
    # An activity and a call of an entity are a message there and one back, a signal and a timer are one.
    messages = (
        1
        + 2 * len(names)
        + timers
        + entities
        + sum(operation == "claim" for _, operation, _ in time.entities.operations)
    )
    turns = len(time.steps) + entities
    executions = turns + len(names) + 1
    return {
        "lagSeconds": round((time.now - START - SCAN).total_seconds(), 1),
        "looks": names.count("get_operation"),
        "graphCalls": len(names),
        "executions": executions,
        "storageTransactions": PER_START + PER_MESSAGE * messages + PER_TURN * turns,
        "leastGigabyteSeconds": round(executions * LEAST_SECONDS * LEAST_GIGABYTES, 2),
    }


def _run(known: Durations) -> VirtualTime:
    def look(_: Any) -> dict[str, Any]:
        began, now = format_timestamp(START), format_timestamp(time.now)
        ended = format_timestamp(START + SCAN)
        state = SUCCEEDED if time.now >= START + SCAN else RUNNING
        operation = {**state, "createdDateTime": began, "lastActionDateTime": ended if state is SUCCEEDED else began}
        return {
            "kind": "operation",
            "operation": operation,
            "answeredAt": now,
            "retryAfter": None,
            "clientRequestId": "",
        }

    scanned = fetched(lastScannedDateTime=format_timestamp(START + SCAN))
    activities = {
        "refresh_alert": lambda _: refreshed(format_timestamp(START)),
        "get_operation": look,
        "fetch_alert": lambda _: scanned,
    }
    time = VirtualTime(await_alert, activities, entities=memories())
    run = asked(START, target={"alertId": ALERT_ID}, phase="refreshing", operationId=None, durations=known)
    return time.run(run)
