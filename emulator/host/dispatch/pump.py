"""Takes work items from the hub, runs them within host.json's limits and gives the results back."""

import asyncio
import logging

import durabletask.internal.orchestrator_service_pb2 as pb

from emulator.host.dispatch.activities import run_activity
from emulator.host.dispatch.background import Background
from emulator.host.dispatch.catalog import Catalog
from emulator.host.dispatch.entities import run_batch
from emulator.host.dispatch.orchestrations import run_turn
from emulator.host.dispatch.runner import Runner
from emulator.host.hub import Hub, HubRefusedError
from emulator.host.settings import HostSettings

logger = logging.getLogger("host.durable")


class Pump:
    """Each work item is a task on the event loop."""

    def __init__(self, hub: Hub, catalog: Catalog, runner: Runner, settings: HostSettings) -> None:
        self._hub = hub
        self._catalog = catalog
        self._runner = runner
        self._limits = {
            "orchestratorRequest": asyncio.Semaphore(settings.max_orchestrators),
            "activityRequest": asyncio.Semaphore(settings.max_activities),
            "entityRequestV2": asyncio.Semaphore(settings.max_entities),
        }
        self._running = Background()
        self._stopping = False

    def start(self) -> None:
        self._hub.fetch(self._accept)

    async def stop(self, grace: float) -> None:
        """Take nothing more, and give what runs `grace` seconds. To be called before the hub is stopped."""
        self._stopping = True
        await self._running.stop(grace)

    def _accept(self, item: pb.WorkItem) -> None:
        if not self._stopping:
            self._running.start(self._run(item))

    async def _run(self, item: pb.WorkItem) -> None:
        kind = str(item.WhichOneof("request"))
        async with self._limits[kind]:
            try:
                await self._finish(kind, item)
            except HubRefusedError as refusal:
                logger.warning("The task hub did not take a result: %s: %s", refusal.code.name, refusal)

    async def _finish(self, kind: str, item: pb.WorkItem) -> None:
        if kind == "orchestratorRequest":
            turn = await run_turn(item.orchestratorRequest, self._catalog, self._runner)
            turn.completionToken = item.completionToken
            await self._hub.service.CompleteOrchestratorTask(turn)
        elif kind == "activityRequest":
            done = await run_activity(item.activityRequest, self._catalog, self._runner)
            done.completionToken = item.completionToken
            await self._hub.service.CompleteActivityTask(done)
        else:
            batch = await run_batch(item.entityRequestV2, self._catalog, self._runner)
            batch.completionToken = item.completionToken
            await self._hub.service.CompleteEntityTask(batch)
