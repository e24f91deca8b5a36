"""A span for each request to Graph, below the spans of the host.

The worker gets the host's trace context with each invocation, and the durable SDK sends it with each start and each
activity. The host's own spans, as `orchestration:await_alert`, have the run's id in `durabletask.task.instance_id`.
"""

import aiohttp
from yarl import URL

from alert_refresh.telemetry.configuration import is_on


def make_graph_trace_configs() -> list[aiohttp.TraceConfig]:
    """Return the `trace_configs` for a client session with Graph; empty while telemetry is off.

    Callbacks are not traced: the receiver would get the trace id, and the trace would hold the callback URL.
    """
    if not is_on():
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
