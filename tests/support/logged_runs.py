"""What runs in virtual time write to the log, at the moments of virtual time: rows for the queries."""

import logging
from datetime import timedelta
from typing import Any, TypedDict

from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor

from alert_refresh.run.changes import MOST_LINES
from alert_refresh.run.state import Run, dump_run
from alert_refresh.timestamps import format_timestamp
from orchestrators.await_alert import await_alert
from orchestrators.deliver_outcome import deliver_outcome
from tests.orchestrators.hub import fault, hub, listed, polled, refreshed, subscribers
from tests.support.graph_samples import ALERT, REFRESH, REFRESH_ALL, RUNNING, SUCCEEDED, make_sample_run
from tests.support.run_shapes import AWAY, DELIVERED, make_delivery
from tests.support.virtual_time import START, VirtualTime

LATER = START + timedelta(hours=2)


class Row(TypedDict):
    """A row of the table `traces`, as far as the app or its host fills it."""

    timestamp: str
    message: str
    customDimensions: dict[str, str]


class _Rows(logging.Handler):
    def __init__(self, time: VirtualTime) -> None:
        super().__init__(logging.INFO)
        self.time, self.rows = time, list[Row]()

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno == logging.INFO:  # warnings and errors are for people
            row: Row = {
                "timestamp": format_timestamp(self.time.now),
                "message": record.getMessage(),
                "customDimensions": _list_attributes(record),
            }
            self.rows.append(row)


def _list_attributes(record: logging.LogRecord) -> dict[str, str]:
    """Return what OpenTelemetry makes of `record`. In Application Insights, each value is a text."""
    exporter = InMemoryLogRecordExporter()  # type: ignore[no-untyped-call]
    provider = LoggerProvider()
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    LoggingHandler(logger_provider=provider).emit(record)
    [exported] = exporter.get_finished_logs()
    return {name: str(value) for name, value in (exported.log_record.attributes or {}).items()}


def log_runs() -> list[Row]:
    """Return the rows of seven runs, one of which goes on, and of the delivery of an outcome."""
    scanned, refused = [polled(RUNNING), polled(SUCCEEDED)], [fault("license-missing")]
    watch, refresh = make_sample_run(START), make_sample_run(START, target=REFRESH)
    going_on = _log_run("going-on", watch, hub(scanned))
    posts = iter([AWAY, DELIVERED])
    delivering = VirtualTime(deliver_outcome, {"post_callback": lambda _: next(posts)})
    return [
        *_log_run("watching", watch, hub([polled(RUNNING), fault("throttled", 20.0), polled(SUCCEEDED)])),
        *_log_run("watching-later", make_sample_run(LATER), hub(scanned, now=LATER)),
        *_log_run("refreshing", refresh, hub(scanned, refreshes=[refreshed()])),
        *_log_run("refused", refresh, hub([], refreshes=refused)),
        *_log_run("refused-to-watch", watch, hub(refused)),
        *_log_run("broken", watch, VirtualTime(await_alert, {})),
        *[row for row in going_on if row["customDimensions"]["event"] == "poll"][:1],
        *_log(delivering, make_delivery("watching"), "callback-watching"),
    ]


def log_changes() -> list[Row]:
    """Return the rows of a run whose subscriber got the alert before it became active, with a change too many."""
    entities = subscribers()
    run = make_sample_run(START, changes_for="ops", log_people=True, target=REFRESH_ALL)
    definition = {"severityLevel": "medium"}
    rows = list[Row]()
    for run_id, count in (("comparing-first", 0), ("comparing", MOST_LINES)):
        incidents = [make_incident(number) for number in range(count)]
        alert = {**ALERT, "isActive": count > 0, "alertDefinition": definition, "alertIncidents": incidents}
        time = hub([polled(SUCCEEDED)], [listed(alert)], refreshes=[refreshed()], entities=entities)
        rows += _log_run(run_id, run, time)
    return rows


def make_incident(number: int) -> dict[str, Any]:
    return {"id": f"i-{number:04}", "assigneeDisplayName": "Megan Bowen", "roleDisplayName": "Reader"}


def make_host_row(instance_id: str, state: str, **others: str) -> Row:
    """Return the row of a line of the host about an orchestration; `others` are more of its values, or others.

    Names: EndToEndTraceHelper.cs in azure-functions-durable-extension; OutOfProcMiddleware.cs there calls it.
    """
    said = {"instanceId": instance_id, "functionName": "await_alert", "state": state, "isReplay": "False", **others}
    message = f"{instance_id}: Function 'await_alert (Orchestrator)' {state}."
    dimensions = {"CategoryName": "Host.Triggers.DurableTask", **said}
    return {"timestamp": "2026-01-31T12:01:39.000Z", "message": message, "customDimensions": dimensions}


def _log_run(run_id: str, run: Run, time: VirtualTime) -> list[Row]:
    return _log(time, dump_run(run) | {"id": run_id}, run_id)


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
