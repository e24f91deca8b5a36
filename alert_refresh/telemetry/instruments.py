"""The app's own metrics, and a span for each request to Graph. While telemetry is off, nothing here has an effect.

The standard metric `http.client.request.duration` has the calls to Graph, by status. Each value is recorded at least
once: when a worker dies before the hub has its turn, the next worker records it again.

The worker gets the host's trace context with each invocation, and the durable SDK sends it with each start and each
activity. The host's own spans, as `orchestration:await_alert`, have the run's id in `durabletask.task.instance_id`.
"""

from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import aiohttp
from yarl import URL

if TYPE_CHECKING:
    from opentelemetry.metrics import Counter, Histogram

_on = False
METER = "pim_alert_refresh"
POLLS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 100, 200, 500, 1000)


class _Instruments(NamedTuple):
    """Names and units: https://opentelemetry.io/docs/specs/semconv/general/metrics/."""

    runs: "Counter"
    polls: "Histogram"
    throttled: "Counter"
    attempts: "Counter"


def turn_on() -> None:
    """Record from now on. The providers of OpenTelemetry must be installed."""
    global _on  # noqa: PLW0603 - one process, one app
    _on = True


def record_run_ended(outcome: str, polls: int) -> None:
    """Count a run that ended. outcome: `succeeded`, or the name of a problem; polls: its polls of the operation."""
    if _on:
        attributes = {"pim_alert_refresh.run.outcome": outcome}
        _make_instruments().runs.add(1, attributes)
        _make_instruments().polls.record(polls, attributes)


def record_throttled(seconds: float) -> None:
    """Add the `Retry-After` of one 429."""
    if _on:
        _make_instruments().throttled.add(seconds)


def record_callback_attempt(outcome: Literal["delivered", "tryAgain", "refused"]) -> None:
    """Count a POST to a callback."""
    if _on:
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


def make_graph_trace_configs() -> list[aiohttp.TraceConfig]:
    """Return the `trace_configs` for a client session with Graph; empty while telemetry is off.

    Callbacks are not traced: the receiver would get the trace id, and the trace would hold the callback URL.
    """
    if not _on:
        return []
    from opentelemetry.instrumentation._semconv import _StabilityMode  # noqa: PLC0415
    from opentelemetry.instrumentation.aiohttp_client import create_trace_config  # noqa: PLC0415

    config: aiohttp.TraceConfig = create_trace_config(
        url_filter=_remove_query,
        # The stable names of attributes, as with OTEL_SEMCONV_STABILITY_OPT_IN=http. The default is those of 2021.
        sem_conv_opt_in_mode=_StabilityMode.HTTP,
        # Microsoft's support needs both. The log line of a step has the first of them, and the run's id.
        captured_request_headers=["client-request-id"],
        captured_response_headers=["request-id"],
    )
    return [config]


def _remove_query(url: URL) -> str:
    """Return `url` without its query. The path names the operation or the alert, and that is enough."""
    return str(url.with_query(None))
