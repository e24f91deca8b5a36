"""Whether telemetry is exported, and to where: Application Insights, an OTLP collector, or both."""

from collections.abc import Mapping, MutableMapping

from alert_refresh.telemetry.instruments import turn_on

_TRUE = {"true", "1", "t", "y", "yes"}
"""As the worker reads its switches: azure_functions_runtime/utils/app_setting_manager.py."""


def configure(environment: MutableMapping[str, str]) -> None:
    """Export to the destinations in `environment`, which is `os.environ`: OpenTelemetry reads its variables there.

    A destination is not enough; `PYTHON_ENABLE_OPENTELEMETRY` must be true. Then the worker passes on the trace context
    of the host, and the host does not export the log lines of the worker. Otherwise each line would arrive twice.
    """
    azure_monitor, otlp = find_destinations(environment)
    if not (azure_monitor or otlp):
        return
    # The host's own name, so that both are one role. https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    environment.setdefault("OTEL_SERVICE_NAME", environment.get("WEBSITE_SITE_NAME") or "pim-alert-refresh")
    # The host samples whole traces. Microsoft's distribution would keep only five spans a second.
    environment.setdefault("OTEL_TRACES_SAMPLER", "parentbased_always_on")
    # The events of a span are exceptions, and the texts of aiohttp's exceptions repeat received data.
    environment.setdefault("OTEL_SPAN_EVENT_COUNT_LIMIT", "0")
    from alert_refresh.telemetry.exporters import install_providers  # noqa: PLC0415 - a quarter of a second of imports

    install_providers(azure_monitor=azure_monitor, otlp=otlp)
    turn_on()


def find_destinations(environment: Mapping[str, str]) -> tuple[bool, bool]:
    """Return whether to export to Azure Monitor, and whether to an OTLP collector."""
    if environment.get("PYTHON_ENABLE_OPENTELEMETRY", "").strip().lower() not in _TRUE:
        return False, False
    return (
        bool(environment.get("APPLICATIONINSIGHTS_CONNECTION_STRING")),
        bool(environment.get("OTEL_EXPORTER_OTLP_ENDPOINT")),
    )
