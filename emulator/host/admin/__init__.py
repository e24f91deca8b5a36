"""The host's administration: its status, and running any function by hand."""

from emulator.host.admin.api import AdminApi
from emulator.host.admin.manual_runs import ManualRuns

__all__ = ["AdminApi", "ManualRuns"]
