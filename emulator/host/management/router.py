"""Who may use the management API, and which handler answers. A wrong verb, like anything unknown, is an empty 404."""

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from emulator.host.dispatch.catalog import Catalog
from emulator.host.http.front import Request
from emulator.host.http.refusal import refuse
from emulator.host.http.templates import RouteTemplate
from emulator.host.hub import HubService
from emulator.host.keys import Keys, Level
from emulator.host.management import commands, entities, instances, purge, start
from emulator.host.management.bodies import WENT_WRONG, error_response
from emulator.host.management.call import Call, Query, RefusedError
from emulator.host.settings import HostSettings

logger = logging.getLogger("host.durable")


async def _nothing(_: Call) -> web.Response:
    return web.Response(status=200)


ROUTES: tuple[tuple[str, RouteTemplate, Callable[..., Awaitable[web.Response]]], ...] = tuple(
    (methods, RouteTemplate(template), handler)
    for methods, template, handler in (
        ("POST", "orchestrators/{name}/{instance_id?}", start.start),
        ("GET", "entities/{name?}", entities.query),
        ("GET", "entities/{name}/{key}", entities.state),
        ("POST DELETE", "entities/{name}/{key?}", entities.signal),
        ("GET", "instances", instances.query),
        ("DELETE", "instances", purge.purge_many),
        ("GET", "instances/{instance_id}", instances.status),
        ("DELETE", "instances/{instance_id}", purge.purge_one),
        ("POST", "instances/{instance_id}/raiseEvent/{event_name}", commands.raise_event),
        ("POST", "instances/{instance_id}/terminate", commands.terminate),
        ("POST", "instances/{instance_id}/suspend", commands.suspend),
        ("POST", "instances/{instance_id}/resume", commands.resume),
        ("POST", "instances/{instance_id}/rewind", commands.rewind),
        ("POST", "instances/{instance_id}/restart", start.restart),
        # Measured: it answers 202. What its options are was not; it restarts.
        ("POST", "instances/{instance_id}/restartWithOptions", start.restart),
        ("GET PUT POST DELETE OPTIONS", "makeprimary", _nothing),
    )
)


class ManagementApi:
    """Mounted at /runtime/webhooks, where each extension would have a folder."""

    def __init__(self, hub: HubService, catalog: Catalog, settings: HostSettings, keys: Keys) -> None:
        self._hub = hub
        self._catalog = catalog
        self._settings = settings
        self._keys = keys

    async def handle(self, request: Request) -> web.Response:
        path = request.segments[2:]
        is_ours = path[0].lower() == "durabletask"
        # Each extension has a system key of its own, and there is no other extension.
        if refusal := refuse(request, self._keys, *([Level.SYSTEM] if is_ours else []), Level.MASTER):
            return refusal
        if "%2f" in request.decoded_path.lower() or not is_ours:
            return web.Response(status=404)
        query = Query(request.query)
        call = Call(request, query, self._hub, self._catalog, self._settings, self._keys.system)
        try:
            return await _route(call, path[1:])
        except RefusedError as refused:
            return refused.response
        except Exception as error:
            logger.exception("%s %s failed", request.method, request.path)
            kind = f"{type(error).__module__}.{type(error).__qualname__}"
            return error_response(500, WENT_WRONG, error, kind)


async def _route(call: Call, path: list[str]) -> web.Response:
    for methods, template, handler in ROUTES:
        values = template.match(path)
        if values is not None and call.request.method in methods.split():
            return await handler(call, **values)
    return web.Response(status=404)
