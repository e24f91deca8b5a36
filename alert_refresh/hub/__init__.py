"""The only durable client: start, read, wait for, cancel, list and purge runs."""
