"""HTTP endpoints and timers: read the request, call the task hub, answer. No Graph call, no waiting."""

import azure.durable_functions as df

# One for all of the folder: each registers two functions of the SDK, for its call_http, at every cold start.
blueprint = df.Blueprint()
