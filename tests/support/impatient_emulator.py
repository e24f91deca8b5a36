"""`python -m emulator`, with an app that waits two seconds for an entity, and ten for a scan of its own to show."""

import runpy
from datetime import timedelta

import orchestrators.steps
from alert_refresh.run import machine

orchestrators.steps.ENTITY_SECONDS = 2
machine.GRACE = timedelta(seconds=10)
runpy.run_module("emulator", run_name="__main__", alter_sys=True)
