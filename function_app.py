"""Registers the functions of the four folders: a timer only when the settings ask for it, a route only when guarded."""
# ruff: noqa: F401 - the import of a file registers its function

import os

import activities.fetch_alert
import activities.get_operation
import activities.post_callback
import activities.post_card
import activities.refresh_alert
import entities.subscriber
import orchestrators.await_alert
import orchestrators.deliver_outcome
import triggers.health
from alert_refresh.app import app
from alert_refresh.settings import find_caller_check, has_schedule, purges_runs
from alert_refresh.telemetry.configuration import configure

# By default the SDK's codec makes instances of any class that a document names. Graph's JSON is untrusted, so strict
# mode is required: azure/functions/_durable_functions.py.
os.environ.setdefault("AZURE_FUNCTIONS_DURABLE_STRICT_TYPING", "1")

configure(os.environ)
# With AUTH_MODE=entra and no sign-in, every caller would be let in. /health says so; runs go on.
if find_caller_check(os.environ) != "missing":
    import triggers.alerts
    import triggers.cancel_run
    import triggers.doctor
    import triggers.get_openapi
    import triggers.get_run
    import triggers.get_run_result
    import triggers.list_runs
    import triggers.start_run
    import triggers.unknown_route
if has_schedule(os.environ):
    import triggers.refresh_on_schedule
if purges_runs(os.environ):
    import triggers.purge_runs
