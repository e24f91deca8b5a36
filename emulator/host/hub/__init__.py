"""The task hub: `durabletask.testing.InMemoryOrchestrationBackend`, with what a real hub does and it does not.

Each module from `executions` to `leases` mends one thing; `TaskHub` puts them together and serves durable clients and
hosts over gRPC on loopback. A host reaches its hub by a `Hub`: `OwnHub` in its own process, `RemoteHub` in another.
"""

from emulator.host.hub.in_process import in_process
from emulator.host.hub.options import HubOptions, Timing
from emulator.host.hub.own import OwnHub
from emulator.host.hub.remote import HubAwayError, RemoteHub
from emulator.host.hub.service import Hub, HubRefusedError, HubService
from emulator.host.hub.task_hub import TaskHub

__all__ = [
    "Hub",
    "HubAwayError",
    "HubOptions",
    "HubRefusedError",
    "HubService",
    "OwnHub",
    "RemoteHub",
    "TaskHub",
    "Timing",
    "in_process",
]
