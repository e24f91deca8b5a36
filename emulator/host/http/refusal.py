"""How the host's own routes refuse a caller."""

from aiohttp import web

from emulator.host.keys import Keys


def refused(keys: Keys, key: str | None) -> web.Response:
    """Return 403 to a known key that does not open the route, else 401.

    https://github.com/Azure/azure-functions-durable-extension/issues/1141
    """
    if keys.is_function(key) or keys.is_system(key) or keys.is_master(key):
        return web.Response(status=403)
    return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
