"""The app's own metrics, and a span for each request to Graph. While telemetry is off, nothing here has an effect.

The standard metric `http.client.request.duration` has the calls to Graph, by status. Each value is recorded at least
once: when a worker dies before the hub has its turn, the next worker records it again.

The worker gets the host's trace context with each invocation, and the durable SDK sends it with each start and each
activity. The host's own spans, as `orchestration:await_alert`, have the run's id in `durabletask.task.instance_id`.
"""

from collections.abc import Callable, Mapping
from typing import Literal

import aiohttp

METER = "pim_alert_refresh"
POLLS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 100, 200, 500, 1000)

_metrics: dict[str, Callable[[float, Mapping[str, str] | None], None]] = {}
"""What adds a value to a metric, by a name for it; empty while telemetry is off."""


def turn_on() -> None:
    """Record from now on. The providers of OpenTelemetry must be installed."""
    from opentelemetry.metrics import get_meter  # noqa: PLC0415 - see the package

    meter = get_meter(METER)
    # Names and units: https://opentelemetry.io/docs/specs/semconv/general/metrics/
    _metrics["runs"] = meter.create_counter(f"{METER}.runs", "{run}", "Runs that ended.").add
    _metrics["polls"] = meter.create_histogram(
        f"{METER}.run.polls", "{poll}", "Polls of the operation by one run.", explicit_bucket_boundaries_advisory=POLLS
    ).record
    _metrics["throttled"] = meter.create_counter(
        f"{METER}.graph.throttled", "s", "Seconds that Microsoft Graph asked to wait, with 429."
    ).add
    _metrics["attempts"] = meter.create_counter(f"{METER}.callback.attempts", "{attempt}", "POSTs to callbacks.").add


def record_run_ended(outcome: str, polls: int) -> None:
    """Count a run that ended. outcome: `succeeded`, or the name of a problem; polls: its polls of the operation."""
    attributes = {"pim_alert_refresh.run.outcome": outcome}
    _record("runs", 1, attributes)
    _record("polls", polls, attributes)


def record_throttled(seconds: float) -> None:
    """Add the `Retry-After` of one 429."""
    _record("throttled", seconds)


def record_callback_attempt(outcome: Literal["delivered", "tryAgain", "refused"]) -> None:
    _record("attempts", 1, {"pim_alert_refresh.callback.outcome": outcome})


def _record(metric: str, value: float, attributes: Mapping[str, str] | None = None) -> None:
    if _metrics:
        _metrics[metric](value, attributes)


def make_graph_trace_configs() -> list[aiohttp.TraceConfig]:
    """Return the `trace_configs` for a client session with Graph; empty while telemetry is off.

    Callbacks are not traced: the receiver would get the trace id, and the trace would hold the callback URL.
    """
    if not _metrics:
        return []
    from opentelemetry.instrumentation._semconv import _StabilityMode  # noqa: PLC0415
    from opentelemetry.instrumentation.aiohttp_client import create_trace_config  # noqa: PLC0415

    config: aiohttp.TraceConfig = create_trace_config(
        # The path names the operation or the alert, and that is enough.
        url_filter=lambda url: str(url.with_query(None)),
        # The stable names of attributes, as with OTEL_SEMCONV_STABILITY_OPT_IN=http. The default is those of 2021.
        sem_conv_opt_in_mode=_StabilityMode.HTTP,
        # Microsoft's support needs both. The log line of a step has the first of them, and the run's id.
        captured_request_headers=["client-request-id"],
        captured_response_headers=["request-id"],
    )
    return [config]
