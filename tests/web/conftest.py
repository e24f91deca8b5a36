"""The fixtures of the hub."""

from tests.hub.conftest import client, stub

__all__ = ["client", "stub"]
