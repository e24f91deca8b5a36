"""Takes work items from the hub, runs them within host.json's limits and gives the results back."""

import asyncio
import threading
from contextlib import suppress

import durabletask.internal.orchestrator_service_pb2 as pb

from emulator.host.dispatch.activities import run_activity
from emulator.host.dispatch.background import Background
from emulator.host.dispatch.catalog import Catalog
from emulator.host.dispatch.entities import run_batch
from emulator.host.dispatch.orchestrations import run_turn
from emulator.host.dispatch.runner import Runner
from emulator.host.hub import TaskHub, in_process
from emulator.host.settings import HostSettings


class Pump:
    """One thread waits for work and hands it to the event loop; each item is a task there."""

    def __init__(self, hub: TaskHub, catalog: Catalog, runner: Runner, settings: HostSettings) -> None:
        self._hub = hub
        self._catalog = catalog
        self._runner = runner
        self._limits = {
            "orchestratorRequest": asyncio.Semaphore(settings.max_orchestrators),
            "activityRequest": asyncio.Semaphore(settings.max_activities),
            "entityRequestV2": asyncio.Semaphore(settings.max_entities),
        }
        self._running = Background()
        loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._fetch, args=[loop], name="durable-work", daemon=True)

    def start(self) -> None:
        self._thread.start()

    async def stop(self, grace: float) -> None:
        """To be called when the hub has stopped: gives running functions `grace` seconds, then cancels them."""
        await asyncio.to_thread(self._thread.join)
        await self._running.stop(grace)

    def _fetch(self, loop: asyncio.AbstractEventLoop) -> None:
        for item in self._hub.work_items():
            with suppress(RuntimeError):  # the loop is gone: the host was torn down without a stop
                loop.call_soon_threadsafe(self._accept, item)

    def _accept(self, item: pb.WorkItem) -> None:
        self._running.start(self._run(item))

    async def _run(self, item: pb.WorkItem) -> None:
        kind = str(item.WhichOneof("request"))
        async with self._limits[kind]:
            if kind == "orchestratorRequest":
                turn = await run_turn(item.orchestratorRequest, self._catalog, self._runner)
                turn.completionToken = item.completionToken
                self._hub.CompleteOrchestratorTask(turn, in_process)
            elif kind == "activityRequest":
                done = await run_activity(item.activityRequest, self._catalog, self._runner)
                done.completionToken = item.completionToken
                self._hub.CompleteActivityTask(done, in_process)
            else:
                batch = await run_batch(item.entityRequestV2, self._catalog, self._runner)
                batch.completionToken = item.completionToken
                self._hub.CompleteEntityTask(batch, in_process)
