"""What turns telemetry on, and where it goes."""

import pytest

from alert_refresh.telemetry.configuration import find_destinations

ON = {"PYTHON_ENABLE_OPENTELEMETRY": "true"}
INSIGHTS = {"APPLICATIONINSIGHTS_CONNECTION_STRING": "InstrumentationKey=00000000-0000-0000-0000-000000000000"}
OTLP = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        (ON, (False, False)),
        # The host sends the worker's log lines to both by itself.
        (INSIGHTS | OTLP, (False, False)),
        (ON | INSIGHTS, (True, False)),
        (ON | INSIGHTS | OTLP, (True, True)),
        ({"PYTHON_ENABLE_OPENTELEMETRY": " 1 "} | OTLP, (False, True)),
        ({"PYTHON_ENABLE_OPENTELEMETRY": "false"} | INSIGHTS | OTLP, (False, False)),
        (ON | {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, (False, False)),
    ],
)
def test_the_switch_of_the_worker_and_a_destination_turn_it_on(
    environment: dict[str, str], found: tuple[bool, bool]
) -> None:
    assert find_destinations(environment) == found
