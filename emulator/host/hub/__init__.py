"""The task hub: `durabletask.testing.InMemoryOrchestrationBackend`, with what a real hub does and it does not.

Each module mends one thing; `TaskHub` puts them together and serves the app's durable clients over gRPC on loopback.
"""

from emulator.host.hub.in_process import HubRefusedError, in_process
from emulator.host.hub.task_hub import TaskHub

__all__ = ["HubRefusedError", "TaskHub", "in_process"]
