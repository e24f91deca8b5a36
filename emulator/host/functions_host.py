"""The whole host as one async context manager."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from emulator.host.admin import AdminApi, ManualRuns
from emulator.host.dispatch import Catalog, Pump
from emulator.host.dispatch.background import Background
from emulator.host.dispatch.runner import Runner
from emulator.host.http.server import Server
from emulator.host.http.triggers import HttpTriggers
from emulator.host.hub import Hub, OwnHub, RemoteHub, Timing
from emulator.host.keys import Keys
from emulator.host.management import ManagementApi
from emulator.host.settings import HostSettings
from emulator.host.timers import Statuses, TimerTriggers
from emulator.host.tracing import Spans
from emulator.host.worker import Function, FunctionsWorker

# For each of: open requests, runs that nobody waits for, running work items, threads of the worker.
GRACE_SECONDS = 0.3


class FunctionsHost:
    """`async with FunctionsHost(folder) as host:` serves the app in `folder` at `host.base_url` until the block ends.

    Making one imports the app, so one process can host one app. Raises SettingsError or AppError when that is not
    possible. `port` 0 is a free port; keys not given are random; `timer_status` is a file that outlives the host, and
    `task_hub` the address of a hub that does; HubAwayError says that it does not answer. Otherwise the host has a hub
    of its own, and `task_hub` can be the timing of its durable timers.
    After the block `abandoned` says whether a function was still running: its thread cannot be stopped.
    """

    def __init__(
        self,
        folder: Path,
        port: int = 0,
        keys: Keys | None = None,
        timer_status: Path | None = None,
        task_hub: str | Timing | None = None,
    ) -> None:
        self.keys = keys or Keys()
        self.settings = HostSettings.read(folder)
        self._statuses = Statuses(timer_status)
        self.worker = FunctionsWorker.load(folder)
        self._port = port
        if isinstance(task_hub, str):
            self._hub: Hub = RemoteHub(task_hub)
        else:
            options = replace(self.settings.hub, timing=task_hub or Timing())
            self._hub = OwnHub(self.settings.grpc_message_limit, options)
        self.base_url = ""
        self.abandoned = False

    @property
    def functions(self) -> list[Function]:
        return self.worker.functions

    def route(self, function: Function) -> str:
        """Return the route template of an HTTP function, below `base_url`."""
        return self._triggers.route(function)

    def timer(self, function: Function) -> str:
        """Return the schedule of a timer function, and when it runs next."""
        return self._timers.describe(function)

    async def __aenter__(self) -> Self:
        self._address = await self._hub.start()
        disabled = self.settings.disabled_functions
        catalog = Catalog(function for function in self.functions if function.name.lower() not in disabled)
        self._spans = Spans(exporting=self.settings.exports_spans)
        self._runner = runner = Runner(self.worker, self._spans, self.settings.function_timeout)
        self._runs = Background()
        self._triggers = HttpTriggers(self.functions, self.settings, self.keys, runner)
        self._timers = TimerTriggers(self.functions, self.settings, runner, self._statuses, self._runs)
        management = ManagementApi(self._hub.service, catalog, self.settings, self.keys)
        admin = AdminApi(ManualRuns(self.functions, self._timers, runner, self._runs), self.keys)
        self._server = Server(self._triggers, management, admin, self.settings, GRACE_SECONDS)
        try:
            port = await self._server.start(self._port)
        except BaseException:
            await self._server.stop()
            await self._hub.stop()
            raise
        self.base_url = f"http://127.0.0.1:{port}"
        self.bind_clients()
        self._pump = Pump(self._hub, catalog, runner, self.settings)
        self._pump.start()
        self._timers.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._timers.stop()
        await self._server.stop()
        await self._runs.stop(GRACE_SECONDS)
        await self._pump.stop(GRACE_SECONDS)
        await self._hub.stop()
        await asyncio.to_thread(self._spans.close)
        self.abandoned = not await self.worker.close(GRACE_SECONDS)

    def bind_clients(self, grpc_address: str | None = None) -> None:
        """Let durable clients call a task hub at `grpc_address`; without it, that of the host."""
        self._runner.bind_clients(self._client_binding(grpc_address or self._address))

    def _client_binding(self, grpc_address: str) -> str:
        """Return the value of a durable client binding. Source: azure-functions-durable-extension BindingHelper.cs."""
        return json.dumps(
            {
                "taskHubName": self.settings.hub_name,
                "connectionName": None,
                "creationUrls": None,
                "managementUrls": None,
                "baseUrl": None,
                "requiredQueryStringParameters": f"code={quote(self.keys.system, safe='')}",
                "rpcBaseUrl": f"http://{grpc_address}",
                "httpBaseUrl": f"{self.base_url}/runtime/webhooks/durabletask",
                "maxGrpcMessageSizeInBytes": self.settings.grpc_message_limit,
                "grpcHttpClientTimeout": "00:01:40",
            }
        )
