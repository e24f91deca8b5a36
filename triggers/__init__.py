"""HTTP endpoints and timers: they read the request, call the task hub, and answer. None of them calls Graph."""

import azure.durable_functions as df

# One blueprint for the folder: at every cold start, each blueprint adds two functions of the SDK, for its call_http.
blueprint = df.Blueprint()
