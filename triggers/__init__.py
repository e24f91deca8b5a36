"""HTTP endpoints and timers. They may call the task hub. Only alerts.py and the doctor ask Graph."""
