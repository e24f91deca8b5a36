"""The exporters. This module is imported only when telemetry is on."""

import logging

from opentelemetry._logs import set_logger_provider
from opentelemetry.metrics import set_meter_provider
from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace import set_tracer_provider

CHATTER = ("azure", "opentelemetry", "urllib3")
"""Loggers that write a line about every export. Each line would be exported, too, and cause the next one."""

UNTRACED = ("azure_sdk", "django", "fastapi", "flask", "httpx", "httpx2", "psycopg2", "requests", "urllib", "urllib3")
"""Libraries that Microsoft's distribution would trace. azure-identity fetches tokens with some of them."""


def install_providers(*, azure_monitor: bool, otlp: bool) -> None:
    """Install the providers of traces, metrics and logs for the whole process."""
    for name in CHATTER:
        logging.getLogger(name).setLevel(logging.WARNING)
    spans, metrics, logs = _make_otlp() if otlp else ([], [], [])
    if azure_monitor:
        _export_to_azure_monitor(spans, metrics, logs)
    else:
        _export_to_otlp_alone(spans, metrics, logs)


def _make_otlp() -> tuple[list[SpanProcessor], list[MetricReader], list[LogRecordProcessor]]:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    return (
        [BatchSpanProcessor(OTLPSpanExporter())],
        [PeriodicExportingMetricReader(OTLPMetricExporter())],
        [BatchLogRecordProcessor(OTLPLogExporter())],
    )


def _export_to_azure_monitor(
    spans: list[SpanProcessor], metrics: list[MetricReader], logs: list[LogRecordProcessor]
) -> None:
    """Install providers that export to Azure Monitor as well.

    The distribution reads the connection string and the identity (APPLICATIONINSIGHTS_AUTHENTICATION_STRING) in the
    environment: https://learn.microsoft.com/azure/azure-monitor/app/opentelemetry-configuration
    """
    from azure.monitor.opentelemetry import configure_azure_monitor  # noqa: PLC0415

    configure_azure_monitor(
        span_processors=spans,
        metric_readers=metrics,
        log_record_processors=logs,
        instrumentation_options={name: {"enabled": False} for name in UNTRACED},
        # The host exports both, for the whole instance.
        enable_live_metrics=False,
        enable_performance_counters=False,
    )


def _export_to_otlp_alone(
    spans: list[SpanProcessor], metrics: list[MetricReader], logs: list[LogRecordProcessor]
) -> None:
    from opentelemetry.instrumentation.logging.handler import LoggingHandler  # noqa: PLC0415

    tracer_provider, logger_provider = TracerProvider(), LoggerProvider()
    for span_processor in spans:
        tracer_provider.add_span_processor(span_processor)
    for log_processor in logs:
        logger_provider.add_log_record_processor(log_processor)
    set_tracer_provider(tracer_provider)
    set_meter_provider(MeterProvider(metrics))
    set_logger_provider(logger_provider)
    logging.getLogger().addHandler(LoggingHandler(logger_provider=logger_provider))
