"""How the host's own routes refuse a caller."""

from aiohttp import web

from emulator.host.http.front import Request
from emulator.host.keys import Keys, Level, presented_key


def refuse(request: Request, keys: Keys, *allowed: Level) -> web.Response | None:
    """Return None to a key of a level that is allowed, 403 to any other key of ours, else 401.

    https://github.com/Azure/azure-functions-durable-extension/issues/1141
    """
    level = keys.find_level(presented_key(request.headers, request.query))
    if level in allowed:
        return None
    return web.Response(status=403) if level else web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
