"""What runs in virtual time write to the log, at the moments of virtual time: rows for the queries."""

import json
import logging
from datetime import timedelta
from typing import Any, TypedDict

from alert_refresh.run.delivery import PATIENCE, Delivery
from alert_refresh.run.state import Run, dump_run
from alert_refresh.timestamps import format_timestamp
from orchestrators.await_alert import await_alert
from orchestrators.deliver_outcome import deliver_outcome
from tests.orchestrators.hub import fault, hub, polled, refreshed
from tests.support.graph_samples import REFRESH, RUNNING, SUCCEEDED, make_sample_run
from tests.support.virtual_time import START, VirtualTime

LATER = START + timedelta(hours=2)


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


def log_runs() -> list[Row]:
    """Return the rows of seven runs, one of which goes on, and of the delivery of an outcome."""
    throttled, running = [polled(RUNNING), fault("throttled", 20.0), polled(SUCCEEDED)], [polled(RUNNING)]
    watch, watch_later, refresh = (
        make_sample_run(START),
        make_sample_run(LATER),
        make_sample_run(START, target=REFRESH),
    )
    refused = [fault("license-missing")]
    going_on = _log_run("going-on", watch, hub([*running, polled(SUCCEEDED)]))
    return [
        *_log_run("watching", watch, hub(throttled)),
        *_log_run("watching-later", watch_later, hub([*running, polled(SUCCEEDED)], now=LATER)),
        *_log_run("refreshing", refresh, hub([*running, polled(SUCCEEDED)], refreshes=[refreshed()])),
        *_log_run("refused", refresh, hub([], refreshes=refused)),
        *_log_run("refused-to-watch", watch, hub(refused)),
        *_log_run("broken", watch, VirtualTime(await_alert, {})),
        *[row for row in going_on if json.loads(row["message"])["event"] == "poll"][:1],
        *_log_delivery("watching"),
    ]


def _log_run(run_id: str, run: Run, time: VirtualTime) -> list[Row]:
    return _log(time, dump_run(run) | {"id": run_id}, run_id)


def _log_delivery(run_id: str) -> list[Row]:
    attempts = iter([{"kind": "tryAgain", "detail": "HTTP 503."}, {"kind": "delivered", "detail": "HTTP 202."}])
    time = VirtualTime(deliver_outcome, {"post_callback": lambda _: {**next(attempts), "retryAfter": None}})
    delivery: Delivery = {
        "post": {"url": "https://x.logic.azure.com/", "runId": run_id, "mediaType": "application/json", "body": {}},
        "subscriber": None,
        "scans": {},
        "deadline": format_timestamp(START + PATIENCE),
        "attempts": 0,
    }
    return _log(time, delivery, f"callback-{run_id}")


def _log(time: VirtualTime, orchestration_input: Any, instance_id: str) -> list[Row]:
    """Run the orchestration and return what it logs."""
    handler, logger = _Rows(time), logging.getLogger("orchestrators")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        time.run(orchestration_input, instance_id)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    return handler.rows
