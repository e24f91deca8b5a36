"""Durable entities: thin shells over pure reducers, without settings or network. Their callers bring the time."""
