"""Where Application Insights takes telemetry in: https, on loopback.

https://learn.microsoft.com/azure/azure-monitor/app/connection-strings
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from emulator.tokens import CLIENT_ID
from tests.callback.certificates import contexts


@dataclass
class Insights:
    """Keeps what it is sent, and with which credential."""

    folder: Path
    base_url: str = ""
    items: list[dict[str, Any]] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    credentials: set[str] = field(default_factory=set)
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def environment(self) -> Mapping[str, str]:
        """What makes an app send here, and nowhere else, and soon."""
        return {
            "PYTHON_ENABLE_OPENTELEMETRY": "true",
            "APPLICATIONINSIGHTS_CONNECTION_STRING": (
                f"InstrumentationKey=6f2b1ac0-0000-4000-8000-000000000001;IngestionEndpoint={self.base_url}"
            ),
            "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": f"ClientId={CLIENT_ID};Authorization=AAD",
            "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
            "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
            "OTEL_BSP_SCHEDULE_DELAY": "50",
            "OTEL_BLRP_SCHEDULE_DELAY": "50",
            "OTEL_METRIC_EXPORT_INTERVAL": "100",
            "REQUESTS_CA_BUNDLE": str(self.folder / "certificate.pem"),
            "TMPDIR": str(self.folder),
        }

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the items of a kind, as `RemoteDependencyData`."""
        return [item for item in self.items if item["data"]["baseType"] == kind]

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait until what came in makes it so."""
        async with asyncio.timeout(30), self._came:
            await self._came.wait_for(reached)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        items = json.loads(body)
        async with self._came:
            self.sent.append(body)
            self.credentials.add(request.headers.get("Authorization", ""))
            self.items += items
            self._came.notify_all()
        return web.json_response({"itemsReceived": len(items), "itemsAccepted": len(items), "errors": []})


@asynccontextmanager
async def application_insights(folder: Path) -> AsyncGenerator[Insights]:
    """Yield one that listens on a free port of localhost; `folder` is for its certificate and the app's own files."""
    started = Insights(folder)
    server, _ = contexts("localhost", folder)
    application = web.Application(client_max_size=2**24)
    application.router.add_post("/v2.1/track", started.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server).start()
        started.base_url = f"https://localhost:{runner.addresses[0][1]}"
        yield started
    finally:
        await runner.cleanup()
