"""One side effect each, one file each, named after the function. They never sleep and never loop."""

import azure.durable_functions as df

# One for all of the folder: each registers two functions of the SDK, for its call_http, at every cold start.
blueprint = df.Blueprint()
