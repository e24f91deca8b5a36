"""What one run costs, and what a day without a run does. Counted, not timed: the same every time.

The run is the documented sample, whose scan took 327 s, refreshed and awaited in virtual time. The storage transactions
are an estimate from two constants, which were counted on the real Functions host (durable extension 3.19.0) with the
Azure Storage backend on Azurite. A plan that stops idle instances has fewer on an idle day.
"""

from datetime import timedelta
from typing import Any

from alert_refresh.run.state import Wish, dump_run, make_run
from alert_refresh.timestamps import format_timestamp
from benchmarks.report import Report
from orchestrators.await_alert import await_alert
from tests.orchestrators.hub import fetched, polled, refreshed
from tests.support.graph_samples import REFRESH, RUN_ID, RUNNING, SUCCEEDED
from tests.support.virtual_time import START, VirtualTime

SCAN = timedelta(seconds=327)
"""https://learn.microsoft.com/graph/api/longrunningoperation-get: created 22:50:41, succeeded 22:56:09."""

TRANSACTIONS_PER_POLL = 35
"""About. What the refresh and the fetch take is not counted."""
TRANSACTIONS_PER_IDLE_MINUTE = 43
"""With one partition and `maxQueuePollingInterval` of 5 s, as in host.json."""
IDLE_EXECUTIONS = 1
"""The nightly purge."""


def measure() -> Report:
    """Count the cost of a run and of an idle day."""
    day = {
        "executions": IDLE_EXECUTIONS,
        "storageTransactions": TRANSACTIONS_PER_IDLE_MINUTE * 24 * 60,
    }
    return Report(figures={"run": count_run(), "idleDay": day})


def count_run() -> dict[str, float]:
    """Return what the run of the sample takes."""
    time = run_sample()
    activities = [name for _, name, _ in time.calls]
    polls = activities.count("get_operation")
    # Each turn of the orchestrator is an execution. One more starts the run.
    executions = len(time.steps) + len(activities) + 1
    return {
        "lateSeconds": round((time.now - START - SCAN).total_seconds(), 1),
        "polls": polls,
        "graphCalls": len(activities),
        "executions": executions,
        "storageTransactions": TRANSACTIONS_PER_POLL * polls,
    }


def run_sample() -> VirtualTime:
    """Refresh the sample alert, and await it."""

    def poll(_: Any) -> dict[str, Any]:
        over = time.now >= START + SCAN
        changed_at = format_timestamp(START + SCAN if over else START)
        state = SUCCEEDED if over else RUNNING
        return polled({**state, "createdDateTime": format_timestamp(START), "lastActionDateTime": changed_at})

    scanned = fetched(lastScannedDateTime=format_timestamp(START + SCAN))
    time = VirtualTime(
        await_alert,
        {
            "refresh_alert": lambda _: refreshed(format_timestamp(START)),
            "get_operation": poll,
            "fetch_alert": lambda _: scanned,
        },
    )
    wish = Wish(REFRESH, created_at=START, deadline=START + timedelta(hours=1))
    time.run(dump_run(make_run(RUN_ID, wish)), RUN_ID)
    if time.status != "COMPLETED":
        raise RuntimeError(f"The run of the sample ended as {time.status}: {time.failure}")
    return time
