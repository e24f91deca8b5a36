"""The app, to which every file of the four folders adds its function."""

import azure.durable_functions as df

# The only one, and no blueprints: each would add two functions of the SDK at every cold start, for its call_http.
app = df.DFApp()
