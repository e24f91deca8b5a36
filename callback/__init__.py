"""The only place that speaks HTTP to a caller's callback URL."""
