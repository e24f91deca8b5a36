"""HTTP in: validate, start, read or stop a run. No Graph call, no waiting."""
