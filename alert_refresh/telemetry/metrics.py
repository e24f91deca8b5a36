"""The app's own metrics; the calls to Graph, by status, are the standard `http.client.request.duration`.

Everything is recorded at least once, as everything durable happens: a worker that is lost between a record and the
commit of its turn records again.
"""

from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from alert_refresh.telemetry.configuration import is_on

if TYPE_CHECKING:
    from opentelemetry.metrics import Counter, Histogram

METER = "pim_alert_refresh"
POLLS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 100, 200, 500, 1000)
LAG_SECONDS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 300, 900)


class _Instruments(NamedTuple):
    """Names and units: https://opentelemetry.io/docs/specs/semconv/general/metrics/."""

    runs: "Counter"
    polls: "Histogram"
    lag: "Histogram"
    throttled: "Counter"
    attempts: "Counter"


def record_run_ended(outcome: str, polls: int) -> None:
    """Count a run. outcome: `succeeded`, or the name of a problem; polls: its looks at the operation."""
    if is_on():
        attributes = {"pim_alert_refresh.run.outcome": outcome}
        _instruments().runs.add(1, attributes)
        _instruments().polls.record(polls, attributes)


def record_lag(seconds: float) -> None:
    """Record how long after the end of an operation a run saw it."""
    if is_on():
        _instruments().lag.record(seconds)


def record_throttled(seconds: float) -> None:
    """Add up what Graph asked to wait, each time that it answered 429."""
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
            "Looks of a run at its operation.",
            explicit_bucket_boundaries_advisory=POLLS,
        ),
        lag=meter.create_histogram(
            f"{METER}.operation.lag",
            "s",
            "From the last action of an operation to the look that showed its end, on Microsoft Graph's clocks.",
            explicit_bucket_boundaries_advisory=LAG_SECONDS,
        ),
        throttled=meter.create_counter(
            f"{METER}.graph.throttled", "s", "What Microsoft Graph asked to wait, with 429."
        ),
        attempts=meter.create_counter(f"{METER}.callback.attempts", "{attempt}", "POSTs to callbacks."),
    )
