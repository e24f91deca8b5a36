"""The command that serves the task hub of `emulator.host.hub` as a process of its own."""
