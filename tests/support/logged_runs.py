"""What runs in virtual time write to the log, at the moments of virtual time: rows for the queries."""

import json
import logging
from datetime import timedelta
from typing import Any, TypedDict

from domain.delivery import PATIENCE, Delivery
from domain.timestamps import format_timestamp
from orchestrators.deliver_callback import deliver_callback

from orchestrators.await_alert import await_alert
from tests.orchestrators.looks import hub, refreshed, seen, trouble
from tests.support.graph_samples import ALERT_ID, RUNNING, SUCCEEDED, asked
from tests.support.virtual_time import START, VirtualTime

REQUESTED = "2023-06-09T22:50:40.000Z"
"""A second before the sample operation was created: the sample is the scan of this refresh."""
LATER = START + timedelta(hours=2)
"""When the run that watches is started again, by the same question: it has the same id."""


class Row(TypedDict):
    """A row of the table `traces`, as far as the app fills it."""

    timestamp: str
    message: str


class _Rows(logging.Handler):
    def __init__(self, time: VirtualTime) -> None:
        super().__init__(logging.INFO)
        self.time, self.rows = time, list[Row]()

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno == logging.INFO:  # warnings and errors are for people
            self.rows.append({"timestamp": format_timestamp(self.time.now), "message": record.getMessage()})


def rows_of(time: VirtualTime, given: Any, run_id: str) -> list[Row]:
    """Run the orchestration and return what it logged."""
    handler, logger = _Rows(time), logging.getLogger("orchestrators")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        time.run(given, run_id)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    return handler.rows


def logged_runs() -> list[Row]:
    """Return the rows of seven runs, one of them still going on, and of the delivery of an outcome."""
    looks, again = [seen(RUNNING), trouble("throttled", 20.0), seen(SUCCEEDED)], [seen(RUNNING), seen(SUCCEEDED)]
    refreshing: Any = {"target": {"alertId": ALERT_ID}, "phase": "refreshing", "operationId": None}
    refused = [trouble("permission-missing", kind="problem")]
    going_on = rows_of(hub(again), asked(START), "going-on")
    return [
        *rows_of(hub(looks), asked(START), "watching"),
        *rows_of(hub(again, now=LATER), asked(LATER), "watching"),
        *rows_of(hub(again, refreshes=[refreshed(REQUESTED)]), asked(START, **refreshing), "refreshing"),
        *rows_of(hub([], refreshes=refused), asked(START, **refreshing), "refused"),
        *rows_of(hub(refused), asked(START), "refused-to-watch"),
        *rows_of(VirtualTime(await_alert, {}), asked(START), "broken"),
        *[row for row in going_on if json.loads(row["message"])["event"] == "look"][:1],
        *_delivery("watching"),
    ]


def _delivery(run_id: str) -> list[Row]:
    attempts = iter([{"kind": "tryAgain", "detail": "HTTP 503."}, {"kind": "delivered", "detail": "HTTP 202."}])
    time = VirtualTime(deliver_callback, {"post_callback": lambda _: {**next(attempts), "retryAfter": None}})
    sent: Delivery = {
        "post": {"url": "https://x.logic.azure.com/", "runId": run_id, "mediaType": "application/json", "body": {}},
        "deadline": format_timestamp(START + PATIENCE),
        "attempts": 0,
    }
    return rows_of(time, sent, f"callback-{run_id}")
