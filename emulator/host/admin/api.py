"""The host's status, keys and functions, and `POST /admin/functions/{name}`, which runs a function at once.

Sources: azure-functions-host HostController.cs, KeysController.cs, FunctionsController.cs (404 for an unknown name, 400
for a body it cannot read, else 202 whatever becomes of the run); https://github.com/MicrosoftDocs/azure-docs/issues/35469
(415); learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http (master key; the input is no object).
"""

import json
import os
from typing import Any

from aiohttp import web

from emulator.host.admin.manual_runs import ManualRuns
from emulator.host.http.front import Request
from emulator.host.http.refusal import refuse
from emulator.host.keys import Keys, Level


class AdminApi:
    """Mounted at /admin, for the master key only."""

    def __init__(self, runs: ManualRuns, keys: Keys) -> None:
        self._runs = runs
        self._keys = keys

    async def handle(self, request: Request) -> web.Response:
        match request.method, [segment.lower() for segment in request.segments[1:]]:
            case "GET", ["host", "status"]:
                status = {"id": "emulator", "state": "Running", "processId": os.getpid(), "errors": []}
                return refuse(request, self._keys, Level.MASTER) or web.json_response(status)
            case "GET", ["host", "keys"]:
                keys = {"keys": [{"name": "default", "value": self._keys.function}], "links": []}
                return refuse(request, self._keys, Level.MASTER) or web.json_response(keys)
            case "GET", ["functions"]:
                return refuse(request, self._keys, Level.MASTER) or web.json_response(self._runs.describe())
            case "POST", ["functions", name]:
                return refuse(request, self._keys, Level.MASTER) or await self._run(request, name)
        return web.Response(status=404)

    async def _run(self, request: Request, name: str) -> web.Response:
        if not _is_json(request.content_type):
            return web.Response(status=415)
        try:
            given = _input(json.loads(await request.read()))
        except (TypeError, ValueError):
            return web.Response(status=400)
        return web.Response(status=202 if self._runs.start(name, given) else 404)


def _is_json(content_type: str) -> bool:
    return content_type in {"application/json", "text/json"} or content_type.endswith("+json")


def _input(document: Any) -> str | None:
    """Return `input` as text; raises TypeError when the document is no object, or its input no plain value."""
    if not isinstance(document, dict):
        raise TypeError("not an object")
    given = {name.lower(): value for name, value in document.items()}.get("input")
    if isinstance(given, dict | list):
        raise TypeError("not a plain value")
    return given if given is None or isinstance(given, str) else json.dumps(given)
