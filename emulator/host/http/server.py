"""The one listener: home page, administration, durable management API, and everything else to the functions."""

from aiohttp import web

from emulator.host.admin import AdminApi
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
        application = web.Application(client_max_size=settings.body_limit)
        application.router.add_route("*", "/{path:(?s:.*)}", self._handle)
        # Kestrel passes bodies on unchanged, compressed ones too.
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=grace, auto_decompress=False)

    async def start(self, port: int) -> int:
        """Start to listen and return the port, which is a free one when `port` is 0."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.lower().rstrip("/")
        if path.startswith("/runtime/webhooks/"):
            return await self._management.handle(request)
        if path == "/admin" or path.startswith("/admin/"):
            return await self._admin.handle(request)
        if not path and request.method == "GET":
            if self._homepage:
                return web.Response(text=HOME_PAGE, content_type="text/html")
            return web.Response(status=204)
        return await self._triggers.handle(request)
