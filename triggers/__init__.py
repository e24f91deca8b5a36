"""HTTP endpoints and timers. They may call the task hub. Only the doctor calls Graph."""
