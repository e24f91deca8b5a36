"""Traces, metrics and logs by OpenTelemetry. While telemetry is off, the app imports nothing of OpenTelemetry."""
