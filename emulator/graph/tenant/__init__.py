"""The invented tenant: what PIM knows, what it finds out when it scans, and how it answers a refresh."""

from emulator.graph.tenant.alert import Alert
from emulator.graph.tenant.operation import Operation
from emulator.graph.tenant.samples import ALERT_NAMES
from emulator.graph.tenant.tenant import Tenant

__all__ = ["ALERT_NAMES", "Alert", "Operation", "Tenant"]
