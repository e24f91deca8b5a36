"""HTTP endpoints and timers. They may call the task hub. None of them calls Graph."""
