"""The Azure Functions host with the Durable extension, for any decorator-model Python app, on loopback only.

What is Python in Azure is the real package here: the worker library (`azure-functions-runtime`), the SDK's replay
engine and the task hub of `durabletask`. Ours is what is .NET in Azure: HTTP routing, keys, dispatch, management API.
"""

from emulator.host.functions_host import FunctionsHost
from emulator.host.hub import HubAwayError
from emulator.host.keys import Keys
from emulator.host.settings import SettingsError
from emulator.host.worker import AppError

__all__ = ["AppError", "FunctionsHost", "HubAwayError", "Keys", "SettingsError"]
