"""HTTP in: validate, start, list, read or stop a run. No Graph call, no waiting."""
