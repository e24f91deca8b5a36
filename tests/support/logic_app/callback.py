"""The address at which one webhook action waits to be called back."""

import asyncio
import secrets
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from emulator.faults import Traffic
from emulator.loopback import LoopbackServer
from tests.support.logic_app.requests import read_content


class CallbackListener(LoopbackServer):
    """Takes exactly one POST to `url`; `received` is then the outputs of the action.

    Shaped as https://learn.microsoft.com/rest/api/logic/workflow-triggers/list-callback-url has it: whoever knows the
    URL may call it, its `sig` is the whole credential.
    """

    def __init__(self, run_name: str, action: str, *, json_suffix: bool) -> None:
        super().__init__(Traffic(), port=0)
        self._path = f"/workflows/80244732be3648f59d2084fd979cdd56/runs/{run_name}/actions/{action}/run"
        self._scope = f"/runs/{run_name}/actions/{action}/run"
        self._signature = secrets.token_urlsafe(32)
        self._json_suffix = json_suffix
        self.received: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    @property
    def url(self) -> str:
        query = {"api-version": "2016-06-01", "sp": self._scope, "sv": "1.0", "sig": self._signature}
        return f"{self.base_url}{self._path}?{urlencode(query)}"

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_post(self._path, self._called)
        return application

    async def _called(self, request: web.Request) -> web.Response:
        if not secrets.compare_digest(request.query.get("sig", ""), self._signature):
            return web.Response(status=401)
        if self.received.done():
            # What a real one answers then is not documented; the app must not depend on it.
            return web.Response(status=404)
        body = read_content(
            request.headers.get("Content-Type", ""), await request.read(), json_suffix=self._json_suffix
        )
        self.received.set_result({"headers": dict(request.headers), "body": body})
        return web.Response(status=200)
