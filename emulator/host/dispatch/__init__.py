"""From the hub's work items to invocations and back: the part of the Durable extension that drives the worker."""

from emulator.host.dispatch.catalog import Catalog
from emulator.host.dispatch.pump import Pump

__all__ = ["Catalog", "Pump"]
