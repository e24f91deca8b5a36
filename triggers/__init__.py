"""HTTP endpoints and timers. They may call the task hub. None of them calls Graph."""

import azure.durable_functions as df

# One blueprint for the folder: at every cold start, each blueprint adds two functions of the SDK, for its call_http.
blueprint = df.Blueprint()
