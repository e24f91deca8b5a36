"""Where Application Insights takes telemetry in: https, on loopback.

https://learn.microsoft.com/azure/azure-monitor/app/connection-strings
"""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from emulator.tokens import CLIENT_ID
from tests.callback.certificates import contexts
from tests.support.otlp_collector import SOON
from tests.support.receiver import Inbox, Received


@dataclass
class Insights(Inbox):
    folder: Path = Path()
    items: list[dict[str, Any]] = field(default_factory=list)

    @property
    def environment(self) -> Mapping[str, str]:
        """What makes an app send here, and nowhere else, and soon."""
        return {
            **SOON,
            "APPLICATIONINSIGHTS_CONNECTION_STRING": (
                f"InstrumentationKey=6f2b1ac0-0000-4000-8000-000000000001;IngestionEndpoint={self.base_url}"
            ),
            "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": f"ClientId={CLIENT_ID};Authorization=AAD",
            "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
            "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
            "REQUESTS_CA_BUNDLE": str(self.folder / "certificate.pem"),
            "TMPDIR": str(self.folder),
        }

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the items of a kind, as `RemoteDependencyData`."""
        return [item for item in self.items if item["data"]["baseType"] == kind]

    def answer(self, received: Received) -> web.Response:
        assert received.path == "/v2.1/track"
        items = json.loads(received.body)
        self.items += items
        return web.json_response({"itemsReceived": len(items), "itemsAccepted": len(items), "errors": []})


@asynccontextmanager
async def application_insights(folder: Path) -> AsyncGenerator[Insights]:
    """Yield one that listens; `folder` is for its certificate and the app's own files."""
    server, _ = contexts("localhost", folder)
    async with Insights(folder=folder).listen(server) as insights:
        yield insights
