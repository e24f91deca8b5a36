"""The app's own metrics. Calls to Graph, by status, are in the standard metric `http.client.request.duration`.

Everything is recorded at least once: a worker that is lost between a record and the commit of its turn records again.
"""

from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from alert_refresh.telemetry.configuration import is_on

if TYPE_CHECKING:
    from opentelemetry.metrics import Counter, Histogram

METER = "pim_alert_refresh"
POLLS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 100, 200, 500, 1000)


class _Instruments(NamedTuple):
    """Names and units: https://opentelemetry.io/docs/specs/semconv/general/metrics/."""

    runs: "Counter"
    polls: "Histogram"
    throttled: "Counter"
    attempts: "Counter"


def record_run_ended(outcome: str, polls: int) -> None:
    """Count a run. outcome: `succeeded`, or the name of a problem; polls: how often it polled the operation."""
    if is_on():
        attributes = {"pim_alert_refresh.run.outcome": outcome}
        _instruments().runs.add(1, attributes)
        _instruments().polls.record(polls, attributes)


def record_throttled(seconds: float) -> None:
    """Add the seconds that Graph asked to wait, each time that it answered 429."""
    if is_on():
        _instruments().throttled.add(seconds)


def record_callback_attempt(outcome: Literal["delivered", "tryAgain", "refused"]) -> None:
    """Count a POST to a callback."""
    if is_on():
        _instruments().attempts.add(1, {"pim_alert_refresh.callback.outcome": outcome})


@cache
def _instruments() -> _Instruments:
    from opentelemetry.metrics import get_meter  # noqa: PLC0415 - see the package

    meter = get_meter(METER)
    return _Instruments(
        runs=meter.create_counter(f"{METER}.runs", "{run}", "Runs that ended."),
        polls=meter.create_histogram(
            f"{METER}.run.polls",
            "{poll}",
            "Polls of the operation by one run.",
            explicit_bucket_boundaries_advisory=POLLS,
        ),
        throttled=meter.create_counter(
            f"{METER}.graph.throttled", "s", "Seconds that Microsoft Graph asked to wait, with 429."
        ),
        attempts=meter.create_counter(f"{METER}.callback.attempts", "{attempt}", "POSTs to callbacks."),
    )
