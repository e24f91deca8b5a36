"""All of Azure that the app needs, around the app in one folder, in this process."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from emulator.graph import GraphServer, Tenant
from emulator.host.functions_host import FunctionsHost
from emulator.host.hub import Timing
from emulator.host.keys import Keys
from emulator.host.settings import load_local_settings
from emulator.identity import IdentityServer


@dataclass(frozen=True)
class Azure:
    host: FunctionsHost
    graph: GraphServer
    identity: IdentityServer


@asynccontextmanager
async def emulated_azure(
    folder: Path, tenant: Tenant, *, port: int = 0, keys: Keys | None = None, timing: Timing | None = None
) -> AsyncGenerator[Azure]:
    """Serve the app in `folder` with `tenant` behind it.

    The environment of this process gets what Azure would set; a variable that is set already wins, as with
    `func start`. Raises what `FunctionsHost` raises, and OSError when a port is taken.
    """
    async with GraphServer(tenant) as graph, IdentityServer() as identity:
        load_local_settings(folder)
        os.environ.update(identity.environment)
        os.environ.setdefault("GRAPH_BASE_URL", graph.base_url)
        # Nobody on loopback could be called back otherwise.
        os.environ.setdefault("CALLBACK_ALLOWED_HOSTS", "127.0.0.1,localhost")
        # The emulated identity has the permission, and nobody's dismissals are undone.
        os.environ.setdefault("REFRESH_ENABLED", "true")
        # As infra/modules/function-app.bicep sets it.
        os.environ.setdefault("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "1048576")
        # A real scan takes five minutes. The app polls a shorter one as many times, but at most once a second.
        os.environ.setdefault("POLL_MIN_SECONDS", "1")
        os.environ.setdefault("POLL_MAX_SECONDS", f"{max(2.0, tenant.scan_seconds / 10):g}")
        async with FunctionsHost(folder, port, keys, task_hub=timing) as host:
            yield Azure(host, graph, identity)
