"""A collector of OTLP over HTTP on loopback, made of the protocol's own messages.

https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import HistogramDataPoint, Metric, NumberDataPoint
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.support.receiver import Inbox, Received

type Value = str | int | float
type Labels = frozenset[tuple[str, Value]]

SOON = {
    "PYTHON_ENABLE_OPENTELEMETRY": "true",
    "OTEL_BSP_SCHEDULE_DELAY": "50",
    "OTEL_BLRP_SCHEDULE_DELAY": "50",
    "OTEL_METRIC_EXPORT_INTERVAL": "100",
}
"""What makes an app export within a moment."""


def attributes(pairs: Iterable[KeyValue]) -> dict[str, Value]:
    """Return them by name; of a list the first."""
    told: dict[str, Value] = {}
    for pair in pairs:
        value = pair.value.array_value.values[0] if pair.value.HasField("array_value") else pair.value
        told[pair.key] = getattr(value, value.WhichOneof("value") or "string_value")
    return told


@dataclass
class Collector(Inbox):
    spans: list[Span] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    lines: list[LogRecord] = field(default_factory=list)

    @property
    def environment(self) -> Mapping[str, str]:
        """What makes an app send here, and soon."""
        return {**SOON, "OTEL_EXPORTER_OTLP_ENDPOINT": self.base_url}

    def sums(self, name: str) -> dict[Labels, float]:
        """Return the last values of a counter, by its attributes."""
        points = (point for metric in self.metrics if metric.name == name for point in metric.sum.data_points)
        return {_labels(point): point.as_double or point.as_int for point in points}

    def histograms(self, name: str) -> dict[Labels, HistogramDataPoint]:
        """Return the last state of a histogram, by its attributes."""
        points = (point for metric in self.metrics if metric.name == name for point in metric.histogram.data_points)
        return {_labels(point): point for point in points}

    def answer(self, received: Received) -> web.Response:
        match received.path:
            case "/v1/traces":
                traces = ExportTraceServiceRequest.FromString(received.body).resource_spans
                self.spans += [span for each in traces for scope in each.scope_spans for span in scope.spans]
            case "/v1/metrics":
                metrics = ExportMetricsServiceRequest.FromString(received.body).resource_metrics
                self.metrics += [one for each in metrics for scope in each.scope_metrics for one in scope.metrics]
            case "/v1/logs":
                logs = ExportLogsServiceRequest.FromString(received.body).resource_logs
                self.lines += [line for each in logs for scope in each.scope_logs for line in scope.log_records]
        return web.Response(content_type="application/x-protobuf")


def _labels(point: NumberDataPoint | HistogramDataPoint) -> Labels:
    return frozenset(attributes(point.attributes).items())
