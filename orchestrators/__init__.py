"""Deterministic generators. They yield; they decide nothing and touch no clock, environment or network."""

import azure.durable_functions as df

# One for all of the folder: each registers two functions of the SDK, for its call_http, at every cold start.
blueprint = df.Blueprint()
