"""Traces, metrics and logs by OpenTelemetry. While they are off, nothing of OpenTelemetry is imported."""
