"""The measured facts about the Functions host with the Durable extension, as requests and answers.

`make conformance HOST=… KEY=… SYSTEM_KEY=…` holds any host of `app/` to them; pytest holds the emulator to them.
"""
