"""Where the demo takes place: Graph, identity and task hub in this process, and a Functions host that can be killed."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from emulator.graph import GraphServer, Tenant
from emulator.host.hub import TaskHub
from emulator.host.hub.remote import UNLIMITED
from emulator.host.settings import read_hub_options
from emulator.identity import IdentityServer

READY = "Listening on "
"""The start of the last line that a host prints before it serves."""


class HostError(Exception):
    """No host can listen. The text is one sentence, with the last line of the host if there is one."""


class Host:
    """A Functions host in a process of its own. Each `start` takes the same port, so URLs stay what they are."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *options: str) -> None:
        self._command = (sys.executable, "-m", "emulator", "host", "--no-local-settings", *options)
        self._folder, self._environment = folder, environment
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Return when the host listens. Raises `HostError` when it ends before."""
        # Nothing else of the shell: a variable there could change the script.
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=self._folder,
            env=inherited | dict(self._environment),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # Ctrl-C reaches every process of a terminal's group. This one must end quietly, so its parent ends it.
            process_group=0,
        )
        last = "it printed nothing"
        if self._process.stdout is not None:
            async for line in self._process.stdout:
                last = line.decode(errors="replace").strip() or last
                if last.startswith(READY):
                    return
        raise HostError(f"The Functions host ended before it listened: {last}")

    async def kill(self) -> None:
        """End the process by SIGKILL, as a machine does that is lost."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()


@asynccontextmanager
async def staged(
    folder: Path, tenant: Tenant, settings: Mapping[str, str], *, port: int, key: str
) -> AsyncGenerator[tuple[Host, GraphServer]]:
    """Serve the app in `folder` with `settings` at `port`, and `tenant` behind it. The function key is `key`.

    Yield the host, which runs, and Graph. Raises `HostError`, and `SettingsError` for a wrong host.json.
    """
    async with GraphServer(tenant) as graph, IdentityServer() as identity:
        hub = TaskHub(UNLIMITED, read_hub_options(folder, {}))
        options = ("--port", str(port), "--function-key", key, "--task-hub", hub.start(), "--log-level", "error")
        host = Host(folder, {"GRAPH_BASE_URL": graph.base_url, **identity.environment, **settings}, *options)
        try:
            await host.start()
            yield host, graph
        finally:
            await host.kill()
            await asyncio.to_thread(hub.stop)
