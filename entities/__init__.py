"""Durable entities. They call pure functions, and use no settings, network or clock."""

import azure.durable_functions as df

# One blueprint for the folder: at every cold start, each blueprint adds two functions of the SDK, for its call_http.
blueprint = df.Blueprint()
