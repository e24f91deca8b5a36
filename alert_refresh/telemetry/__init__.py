"""Traces, metrics and logs by OpenTelemetry. Off, nothing of it is imported."""
