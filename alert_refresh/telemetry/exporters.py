"""The exporters. This module is imported only when telemetry is on."""

import logging

from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.metrics import set_meter_provider
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import set_tracer_provider

CHATTER = ("azure", "opentelemetry", "urllib3")
"""Loggers that write a line about every export. Each line would be exported, too, and cause the next one."""

UNTRACED = ("azure_sdk", "django", "fastapi", "flask", "httpx", "httpx2", "psycopg2", "requests", "urllib", "urllib3")
"""Libraries that Microsoft's distribution would trace. azure-identity fetches tokens with some of them."""


def install_providers(*, azure_monitor: bool, otlp: bool) -> None:
    """Install the providers of traces, metrics and logs for the whole process."""
    for name in CHATTER:
        logging.getLogger(name).setLevel(logging.WARNING)
    spans = [BatchSpanProcessor(OTLPSpanExporter())] if otlp else []
    metrics = [PeriodicExportingMetricReader(OTLPMetricExporter())] if otlp else []
    logs = [BatchLogRecordProcessor(OTLPLogExporter())] if otlp else []
    if azure_monitor:
        from azure.monitor.opentelemetry import configure_azure_monitor  # noqa: PLC0415 - a quarter of a second

        # It reads the environment: the connection string, and the identity (APPLICATIONINSIGHTS_AUTHENTICATION_STRING).
        # https://learn.microsoft.com/azure/azure-monitor/app/opentelemetry-configuration
        configure_azure_monitor(
            span_processors=spans,
            metric_readers=metrics,
            log_record_processors=logs,
            # Alert rules count log lines, so a line must not depend on whether its trace is sampled.
            enable_trace_based_sampling_for_logs=False,
            instrumentation_options={name: {"enabled": False} for name in UNTRACED},
            # The host exports both, for the whole instance.
            enable_live_metrics=False,
            enable_performance_counters=False,
        )
        return
    tracer_provider, logger_provider = TracerProvider(), LoggerProvider()
    for span_processor in spans:
        tracer_provider.add_span_processor(span_processor)
    for log_processor in logs:
        logger_provider.add_log_record_processor(log_processor)
    set_tracer_provider(tracer_provider)
    set_meter_provider(MeterProvider(metrics))
    set_logger_provider(logger_provider)
    logging.getLogger().addHandler(LoggingHandler(logger_provider=logger_provider))
