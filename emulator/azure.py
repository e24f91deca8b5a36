"""All of Azure that the app needs, around the app in one folder, in this process."""

import os
import sys
from collections.abc import AsyncGenerator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from emulator.graph import GraphServer, Tenant
from emulator.host.functions_host import FunctionsHost
from emulator.host.hub import Timing
from emulator.host.keys import Keys
from emulator.host.settings import load_local_settings
from emulator.identity import IdentityServer

OUTWARD = (
    *("GRAPH_BASE_URL", "GRAPH_SCOPE"),
    # azure-identity would ask the real Entra ID. https://learn.microsoft.com/python/api/overview/azure/identity-readme
    *("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"),
    *("AZURE_FEDERATED_TOKEN_FILE", "AZURE_AUTHORITY_HOST", "AZURE_TOKEN_CREDENTIALS"),
    # The links of runs would lead to a deployed app, and what is made up would arrive where real runs are watched.
    *("PUBLIC_URL", "CHANGES_CALLBACK_URL", "APPLICATIONINSIGHTS_CONNECTION_STRING"),
)
"""Variables that lead out of the emulator."""


@dataclass(frozen=True)
class Azure:
    host: FunctionsHost
    graph: GraphServer
    identity: IdentityServer


@asynccontextmanager
async def emulated_azure(
    folder: Path, tenant: Tenant, *, port: int = 0, keys: Keys | None = None, timing: Timing | None = None
) -> AsyncGenerator[Azure]:
    """Serve the app in `folder` with `tenant` behind it, and with nothing else.

    The environment of this process gets what Azure would set; a variable that is set already wins, unless it leads
    out: then it is removed, and stderr says so. Raises what `FunctionsHost` raises, and OSError when a port is taken.
    """
    async with GraphServer(tenant) as graph, IdentityServer() as identity:
        explain_ignored(folder, os.environ)
        os.environ.update(identity.environment)
        os.environ["GRAPH_BASE_URL"] = graph.base_url
        # Nobody on loopback could be called back otherwise.
        os.environ.setdefault("CALLBACK_ALLOWED_HOSTS", "127.0.0.1,localhost")
        # The emulated identity has the permission, and nobody's dismissals are undone.
        os.environ.setdefault("REFRESH_ENABLED", "true")
        # A real scan takes five minutes. The app polls a shorter one as many times, but at most once a second.
        os.environ.setdefault("POLL_MIN_SECONDS", "1")
        os.environ.setdefault("POLL_MAX_SECONDS", f"{max(2.0, tenant.scan_seconds / 10):g}")
        async with _make_host(folder, port, keys, timing) as host:
            yield Azure(host, graph, identity)


@asynccontextmanager
async def real_graph(
    folder: Path, *, port: int = 0, keys: Keys | None = None, timing: Timing | None = None
) -> AsyncGenerator[FunctionsHost]:
    """Serve the app in `folder` with the Graph and the identity of local.settings.json and the shell.

    Raises what `FunctionsHost` and `load_local_settings` raise, and OSError when the port is taken.
    """
    load_local_settings(folder, os.environ)
    async with _make_host(folder, port, keys, timing) as host:
        yield host


def _make_host(folder: Path, port: int, keys: Keys | None, timing: Timing | None) -> FunctionsHost:
    # A proxy cannot reach loopback; gRPC and azure-identity would ask it.
    past = ",".join(filter(None, [os.environ.get("no_proxy") or os.environ.get("NO_PROXY"), "127.0.0.1", "localhost"]))
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = past
    # As infra/modules/function-app.bicep sets it.
    os.environ.setdefault("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "1048576")
    return FunctionsHost(folder, port, keys, task_hub=timing)


def explain_ignored(folder: Path, environment: MutableMapping[str, str], *others: str) -> None:
    """Remove what leads out of the emulator, and `others`, from `environment`. Say in one line what is ignored."""
    ignored = ["local.settings.json"] if (folder / "local.settings.json").exists() else []
    if names := [name for name in (*OUTWARD, *others) if environment.pop(name, "")]:
        ignored.append(f"{', '.join(names)} of the shell")
    if ignored:
        text = f"The emulator ignores {' and '.join(ignored)}. For the real Microsoft Graph: make start GRAPH=real"
        print(text, file=sys.stderr)
