"""A span for each request to Graph, below what the host says is going on.

The chain is the platform's: the worker takes the host's context on for each invocation, the durable SDK sends it along
with a start and with each activity. The host's own spans, `orchestration:await_alert` among them, have the run's id as
`durabletask.task.instance_id`.
"""

import aiohttp
from yarl import URL

from alert_refresh.telemetry.configuration import is_on


def graph_trace_configs() -> list[aiohttp.TraceConfig]:
    """Return what a session with Graph is to be made with. No other session is traced.

    To trace them all would hand the trace to the receivers of callbacks, and their URLs to the trace.
    """
    if not is_on():
        return []
    from opentelemetry.instrumentation._semconv import _StabilityMode  # noqa: PLC0415
    from opentelemetry.instrumentation.aiohttp_client import create_trace_config  # noqa: PLC0415

    config: aiohttp.TraceConfig = create_trace_config(
        url_filter=_without_query,
        # Today's names of attributes, as OTEL_SEMCONV_STABILITY_OPT_IN=http: without it, they are those of 2021.
        sem_conv_opt_in_mode=_StabilityMode.HTTP,
        # What Microsoft's support asks for. The log line of a look has the first of them, too, and the run's id.
        captured_request_headers=["client-request-id"],
        captured_response_headers=["request-id"],
    )
    return [config]


def _without_query(url: URL) -> str:
    """Return `url` with its path: it tells which operation or alert, and the tenant's id in it is the reader's own.

    The query of a next page is Graph's own, and opaque.
    """
    return str(url.with_query(None))
