"""A collector of OTLP over HTTP on loopback, made of the protocol's own messages.

https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import HistogramDataPoint, Metric, NumberDataPoint
from opentelemetry.proto.trace.v1.trace_pb2 import Span

type Value = str | int | float
type Labels = frozenset[tuple[str, Value]]


def attributes(pairs: Iterable[KeyValue]) -> dict[str, Value]:
    """Return them by name; of a list the first."""
    told: dict[str, Value] = {}
    for pair in pairs:
        value = pair.value.array_value.values[0] if pair.value.HasField("array_value") else pair.value
        told[pair.key] = getattr(value, value.WhichOneof("value") or "string_value")
    return told


@dataclass
class Collector:
    """Keeps whatever it is sent."""

    base_url: str = ""
    sent: list[bytes] = field(default_factory=list)
    traces: list[ExportTraceServiceRequest] = field(default_factory=list)
    metrics: list[ExportMetricsServiceRequest] = field(default_factory=list)
    logs: list[ExportLogsServiceRequest] = field(default_factory=list)
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def environment(self) -> Mapping[str, str]:
        """What makes an app send here, and soon."""
        return {
            "PYTHON_ENABLE_OPENTELEMETRY": "true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.base_url,
            "OTEL_BSP_SCHEDULE_DELAY": "50",
            "OTEL_BLRP_SCHEDULE_DELAY": "50",
            "OTEL_METRIC_EXPORT_INTERVAL": "100",
        }

    @property
    def spans(self) -> list[Span]:
        scopes = (scope for told in self.traces for each in told.resource_spans for scope in each.scope_spans)
        return [span for scope in scopes for span in scope.spans]

    @property
    def lines(self) -> list[LogRecord]:
        scopes = (scope for told in self.logs for each in told.resource_logs for scope in each.scope_logs)
        return [record for scope in scopes for record in scope.log_records]

    @property
    def metric_names(self) -> set[str]:
        return {metric.name for metric in self._metrics()}

    def sums(self, name: str) -> dict[Labels, float]:
        """Return the last values of a counter, by its attributes."""
        points = (point for metric in self._metrics() if metric.name == name for point in metric.sum.data_points)
        return {_labels(point): point.as_double or point.as_int for point in points}

    def histograms(self, name: str) -> dict[Labels, HistogramDataPoint]:
        """Return the last state of a histogram, by its attributes."""
        points = (point for metric in self._metrics() if metric.name == name for point in metric.histogram.data_points)
        return {_labels(point): point for point in points}

    def _metrics(self) -> Iterator[Metric]:
        for told in self.metrics:
            for each in told.resource_metrics:
                for scope in each.scope_metrics:
                    yield from scope.metrics

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait until what came in makes it so."""
        async with asyncio.timeout(30), self._came:
            await self._came.wait_for(reached)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        async with self._came:
            self.sent.append(body)
            match request.path:
                case "/v1/traces":
                    self.traces.append(ExportTraceServiceRequest.FromString(body))
                case "/v1/metrics":
                    self.metrics.append(ExportMetricsServiceRequest.FromString(body))
                case "/v1/logs":
                    self.logs.append(ExportLogsServiceRequest.FromString(body))
            self._came.notify_all()
        return web.Response(content_type="application/x-protobuf")


def _labels(point: NumberDataPoint | HistogramDataPoint) -> Labels:
    return frozenset(attributes(point.attributes).items())


@asynccontextmanager
async def collector() -> AsyncGenerator[Collector]:
    """Yield a collector that listens on a free port of 127.0.0.1."""
    started = Collector()
    application = web.Application(client_max_size=2**24)
    application.router.add_post("/v1/{signal:traces|metrics|logs}", started.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        started.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield started
    finally:
        await runner.cleanup()
