"""The one listener: home page, administration, durable management API, and everything else to the functions."""

from aiohttp import web

from emulator.host.admin import AdminApi
from emulator.host.http.front import Front, Request
from emulator.host.http.triggers import HttpTriggers
from emulator.host.management import ManagementApi
from emulator.host.settings import HostSettings

HOME_PAGE = "<!DOCTYPE html><title>Functions</title><h1>Your Functions app is up and running</h1>"


class Server:
    """Listens on 127.0.0.1 only."""

    def __init__(
        self,
        triggers: HttpTriggers,
        management: ManagementApi,
        admin: AdminApi,
        settings: HostSettings,
        grace: float,
    ) -> None:
        self._triggers = triggers
        self._management = management
        self._admin = admin
        self._homepage = settings.homepage
        self._body_limit = settings.body_limit
        self._grace = grace
        self._runner: web.ServerRunner | None = None

    async def start(self, port: int) -> int:
        """Start to listen and return the port, which is a free one when `port` is 0."""
        self._runner = web.ServerRunner(Front(self._handle, self._body_limit), shutdown_timeout=self._grace)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _handle(self, request: Request) -> web.StreamResponse:
        match [segment.lower() for segment in request.segments]:
            case []:
                if self._homepage:
                    return web.Response(text=HOME_PAGE, content_type="text/html")
                return web.Response(status=204)
            case ["runtime", "webhooks", _, *_]:
                return await self._management.handle(request)
            case ["admin", *_]:
                return await self._admin.handle(request)
        return await self._triggers.handle(request)
