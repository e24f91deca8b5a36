"""The trace that every invocation belongs to, by the W3C's headers: https://www.w3.org/TR/trace-context/.

Where host.json says `"telemetryMode": "OpenTelemetry"` and OTEL_EXPORTER_OTLP_ENDPOINT names a collector, the host
tells it of each request and each activity, as the real one does:
https://learn.microsoft.com/azure/azure-functions/opentelemetry-howto
"""

import re
import secrets
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import durabletask.internal.orchestrator_service_pb2 as pb

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_PARENT = re.compile(r"[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})", re.ASCII)


class TraceContext(NamedTuple):
    """`traceparent` and `tracestate`; both are empty when there is none."""

    parent: str = ""
    state: str = ""

    @classmethod
    def of_headers(cls, headers: Mapping[str, str]) -> "TraceContext":
        return cls(headers.get("traceparent", ""), headers.get("tracestate", ""))

    @classmethod
    def of_message(cls, message: pb.TraceContext) -> "TraceContext":
        return cls(message.traceParent, message.traceState.value)

    def below(self) -> "TraceContext":
        """Return the context of a new span in the same trace, or in a new one when this is none."""
        found = _PARENT.fullmatch(self.parent)
        trace, flags = (found[1], found[3]) if found else (secrets.token_hex(16), "01")
        return TraceContext(f"00-{trace}-{secrets.token_hex(8)}-{flags}", self.state if found else "")


class NewSpan(NamedTuple):
    """What the host is about to do; without a name nobody hears of it."""

    parent: TraceContext = TraceContext()
    name: str = ""
    attributes: Mapping[str, str | int] = {}


UNTOLD = NewSpan()


class Spans:
    """The host's own spans. `exporting` needs the app's OpenTelemetry packages, and imports them."""

    def __init__(self, *, exporting: bool) -> None:
        self._provider = _exporting_provider() if exporting else None

    @contextmanager
    def within(self, new: NewSpan) -> Generator[TraceContext]:
        """Yield the context for what happens within `new`."""
        if self._provider is None or not new.name:
            yield new.parent.below()
            return
        from opentelemetry.trace import SpanKind, StatusCode, set_span_in_context  # noqa: PLC0415
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        propagator = TraceContextTextMapPropagator()
        above = propagator.extract({"traceparent": new.parent.parent, "tracestate": new.parent.state})
        # Not the current one: the app runs in this process, and hears of it from the worker or not at all.
        span = self._provider.get_tracer("emulator.host").start_span(
            new.name, above, SpanKind.SERVER, dict(new.attributes)
        )
        headers: dict[str, str] = {}
        propagator.inject(headers, set_span_in_context(span))
        try:
            yield TraceContext.of_headers(headers)
        except Exception:
            span.set_status(StatusCode.ERROR)
            raise
        finally:
            span.end()

    def close(self) -> None:
        if self._provider is not None:
            self._provider.shutdown()


def _exporting_provider() -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
