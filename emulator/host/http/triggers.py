"""HTTP-triggered functions: find the function, check the key, run it, in this order.

Sources: azure-functions-host FunctionMetadataManager.cs (functions are sorted by name),
WebScriptHostHttpRoutesManager.cs (routes are tried in that order, however specific they are; the method is part of the
match, so that a wrong one is a 404), FunctionInvocationMiddleware.cs (401 has no body).
"""

import logging
from collections.abc import Iterable, Sequence

from aiohttp import HttpVersion11, web

from emulator.host.dispatch.runner import Runner
from emulator.host.http.binding import http_response, request_datum
from emulator.host.http.front import Request
from emulator.host.http.templates import RouteTemplate
from emulator.host.keys import Keys, presented_key
from emulator.host.settings import HostSettings
from emulator.host.tracing import NewSpan, TraceContext
from emulator.host.worker import Function, FunctionFailedError, Kind


class HttpTriggers:
    """The route table of an app."""

    def __init__(self, functions: Iterable[Function], settings: HostSettings, keys: Keys, runner: Runner) -> None:
        self._settings = settings
        self._keys = keys
        self._runner = runner
        in_order = sorted((f for f in functions if f.kind is Kind.HTTP), key=lambda function: function.name.upper())
        self._routes = [(RouteTemplate(self.route(function)), function) for function in in_order]

    def route(self, function: Function) -> str:
        """Return the full route template, without a leading slash."""
        return "/".join(part for part in (self._settings.route_prefix, function.route.strip("/")) if part)

    async def handle(self, request: Request) -> web.Response:
        found = self._find(request.method, request.segments)
        if found is None:
            return web.Response(status=404)
        function, route_values = found
        key = presented_key(request.headers, request.query)
        if not self._keys.open_function(key, function.auth_level, function.name):
            return web.Response(status=401)
        if function.name.lower() in self._settings.disabled_functions:
            return web.Response(status=404)
        if (request.content_length or 0) > self._settings.body_limit:
            return web.Response(status=500)
        trigger = await request_datum(request, route_values)
        try:
            span = self._span(function, request)
            response = http_response(await self._runner.run(function, trigger, level=logging.INFO, span=span))
        except FunctionFailedError:
            return web.Response(status=500)
        if response.body and request.version >= HttpVersion11:
            response.enable_chunked_encoding()
        return response

    def _span(self, function: Function, request: Request) -> NewSpan:
        route = f"/{self.route(function)}"
        # Never the query: there is a key in it.
        attributes = {"http.request.method": request.method, "http.route": route, "url.path": request.decoded_path}
        return NewSpan(TraceContext.of_headers(request.headers), f"{request.method} {route}", attributes)

    def _find(self, method: str, path: Sequence[str]) -> tuple[Function, dict[str, str]] | None:
        for template, function in self._routes:
            if function.methods and method not in function.methods:
                continue
            if (route_values := template.match(path)) is not None:
                return function, route_values
        return None
