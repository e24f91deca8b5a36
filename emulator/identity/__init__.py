"""The managed identity endpoint of App Service and Functions."""

from emulator.identity.server import IdentityServer

__all__ = ["IdentityServer"]
