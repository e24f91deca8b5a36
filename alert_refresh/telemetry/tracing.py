"""A span for each request to Graph, below the spans of the host.

The worker takes the host's trace context on for each invocation, and the durable SDK sends it with a start and with
each activity. The host's own spans, `orchestration:await_alert` among them, have the run's id as
`durabletask.task.instance_id`.
"""

import aiohttp
from yarl import URL

from alert_refresh.telemetry.configuration import is_on


def make_graph_trace_configs() -> list[aiohttp.TraceConfig]:
    """Return the `trace_configs` for a client session with Graph; empty while telemetry is off.

    No other session is traced: the receivers of callbacks would learn the trace id, and the trace their URLs.
    """
    if not is_on():
        return []
    from opentelemetry.instrumentation._semconv import _StabilityMode  # noqa: PLC0415
    from opentelemetry.instrumentation.aiohttp_client import create_trace_config  # noqa: PLC0415

    config: aiohttp.TraceConfig = create_trace_config(
        url_filter=_remove_query,
        # The stable names of attributes, as with OTEL_SEMCONV_STABILITY_OPT_IN=http. Without it they are those of 2021.
        sem_conv_opt_in_mode=_StabilityMode.HTTP,
        # What Microsoft's support asks for. The log line of a poll has the first of them, too, and the run's id.
        captured_request_headers=["client-request-id"],
        captured_response_headers=["request-id"],
    )
    return [config]


def _remove_query(url: URL) -> str:
    """Return `url` without its query, which Graph makes and nobody can read. The path names the operation or alert."""
    return str(url.with_query(None))
