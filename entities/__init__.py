"""Durable entities: thin shells over pure reducers, without settings or network. Their callers bring the time."""

import azure.durable_functions as df

# One for all of the folder: each registers two functions of the SDK, for its call_http, at every cold start.
blueprint = df.Blueprint()
