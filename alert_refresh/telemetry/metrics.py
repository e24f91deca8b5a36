"""The app's own metrics. The standard metric `http.client.request.duration` has the calls to Graph, by status.

Each value is recorded at least once. When a worker dies before the hub has its turn, the next worker records it again.
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
    """Count a run that ended. outcome: `succeeded`, or the name of a problem; polls: its polls of the operation."""
    if is_on():
        attributes = {"pim_alert_refresh.run.outcome": outcome}
        _make_instruments().runs.add(1, attributes)
        _make_instruments().polls.record(polls, attributes)


def record_throttled(seconds: float) -> None:
    """Add the `Retry-After` of one 429."""
    if is_on():
        _make_instruments().throttled.add(seconds)


def record_callback_attempt(outcome: Literal["delivered", "tryAgain", "refused"]) -> None:
    """Count a POST to a callback."""
    if is_on():
        _make_instruments().attempts.add(1, {"pim_alert_refresh.callback.outcome": outcome})


@cache
def _make_instruments() -> _Instruments:
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
