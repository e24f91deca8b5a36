"""The durable HTTP management API. Source: azure-functions-durable-extension HttpApiHandler.cs."""

from emulator.host.management.router import ManagementApi

__all__ = ["ManagementApi"]
