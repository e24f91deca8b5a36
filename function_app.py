"""Composition root: one app, each blueprint registered; the timers and the payload store as the settings say."""

# ruff: noqa: E402 -- see below

import gc

# Imports make thousands of objects and hardly any garbage. To look for it all the while is a seventh of what our own
# modules cost at a cold start: benchmarks/cold_start.py.
gc.disable()

import os
from importlib import import_module

import azure.durable_functions as df

from activities import (
    fetch_alert,
    get_operation,
    list_alerts,
    list_incidents,
    post_callback,
    refresh_alert,
    refresh_all_alerts,
)
from domain.settings import is_purging, is_scheduled
from entities import alert_memory, scan_durations
from orchestrators import await_alert, deliver_callback
from storage.large_payloads import large_payloads
from telemetry.configuration import configure
from triggers import (
    cancel_run,
    get_openapi,
    get_run,
    get_run_result,
    health,
    list_runs,
    start_run,
    unknown_route,
)

# The SDK's codec makes instances of the classes that a JSON document names, and Graph's documents are not ours.
# Strict, it does not: azure/functions/_durable_functions.py.
os.environ.setdefault("AZURE_FUNCTIONS_DURABLE_STRICT_TYPING", "1")

configure(os.environ)

app = df.DFApp()
MODULES = (
    *(start_run, get_run, get_run_result, cancel_run, list_runs, health, get_openapi, unknown_route),
    *(await_alert, deliver_callback, alert_memory, scan_durations),
    *(refresh_alert, refresh_all_alerts, get_operation),
    *(fetch_alert, list_alerts, list_incidents, post_callback),
)
# A timer that is not wanted must not be there. To import one is to add it to the blueprint of its folder.
if is_scheduled(os.environ):
    import_module("triggers.refresh_on_schedule")
if is_purging(os.environ):
    import_module("triggers.purge_runs")
for blueprint in dict.fromkeys(module.blueprint for module in MODULES):
    app.register_functions(blueprint)

if (store := large_payloads(os.environ)) is not None:
    app.configure_large_payloads(payload_store=store)

gc.enable()
