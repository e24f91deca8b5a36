"""Composition root: one app, each blueprint registered, nothing else."""

import azure.durable_functions as df

from activities import fetch_alert, get_operation
from orchestrators import await_alert
from triggers import cancel_run, get_run, get_run_result, health, start_run

app = df.DFApp()
for module in (start_run, get_run, get_run_result, cancel_run, health, await_alert, get_operation, fetch_alert):
    app.register_functions(module.blueprint)
