"""Microsoft Graph (beta), as far as alerts of Privileged Identity Management and their refreshes go."""

from emulator.faults import Fault, ReceivedRequest
from emulator.graph.errors import odata_error
from emulator.graph.server import GraphServer
from emulator.graph.tenant import Tenant

__all__ = ["Fault", "GraphServer", "ReceivedRequest", "Tenant", "odata_error"]
