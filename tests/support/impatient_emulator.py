"""`python -m emulator`, with an app that waits two seconds for an entity instead of a minute."""

import runpy

import orchestrators.steps

orchestrators.steps.ENTITY_SECONDS = 2
runpy.run_module("emulator", run_name="__main__", alter_sys=True)
