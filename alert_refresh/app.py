"""The app, to which every file of the four folders adds its function."""

from os import environ

import azure.durable_functions as df
import azure.functions as func

from alert_refresh.settings import find_caller_check

# Only what App Service lets in after a sign-in comes to a function without a key.
LEVEL = func.AuthLevel.ANONYMOUS if find_caller_check(environ) == "sign-in" else func.AuthLevel.FUNCTION

# The only one, and no blueprints: each would add two functions of the SDK at every cold start, for its call_http.
app = df.DFApp(http_auth_level=LEVEL)
