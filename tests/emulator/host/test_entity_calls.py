"""Which messages from orchestrators to entities arrive."""

import aiohttp
import durabletask.internal.orchestrator_service_pb2 as pb
import pytest

from emulator.host.hub import HubOptions, TaskHub, in_process
from tests.emulator.host.conftest import APPS, YEARLY, DurableApp, until
from tests.emulator.host.hub_worker import MESSAGE_LIMIT, Worker, start
from tests.support.host_process import host_process

DURABLE = "AzureFunctionsJobHost__extensions__durableTask__"
WINDOW = f"{DURABLE}entityMessageReorderWindowInMinutes"


async def test_with_a_window_calls_and_locks_are_lost_and_signals_arrive(session: aiohttp.ClientSession) -> None:
    environment = {"NIGHTLY_SCHEDULE": YEARLY, WINDOW: "30"}
    async with host_process(APPS / "durable", environment=environment) as host:
        app = DurableApp(host, session)
        locking = await app.start("locked", "locked")
        calling = await app.start("counts", "called")

        async def signalled() -> bool:
            return bool((await app.manage("GET", "entities/counter/called"))[2] == 5)

        await until(signalled)
        await app.manage("POST", "entities/counter/locked", params={"op": "add"}, json=3)

        async def signalled_by_client() -> bool:
            return bool((await app.manage("GET", "entities/counter/locked"))[2] == 3)

        await until(signalled_by_client)
        for waiting in (locking, calling):
            assert (await app.status(waiting))["runtimeStatus"] == "Running"


@pytest.mark.parametrize(
    "environment", [{WINDOW: "0"}, {WINDOW: "30", f"{DURABLE}storageProvider__type": "AzureManaged"}]
)
async def test_calls_arrive_without_a_window_and_with_the_durable_task_scheduler(
    session: aiohttp.ClientSession, environment: dict[str, str]
) -> None:
    async with host_process(APPS / "durable", environment={"NIGHTLY_SCHEDULE": YEARLY} | environment) as host:
        app = DurableApp(host, session)
        assert (await app.run("counts", "called"))["total"] == 7
        assert await app.run("locked", "locked") == 1


def test_the_history_keeps_a_call_and_a_lock_that_are_lost() -> None:
    hub = TaskHub(MESSAGE_LIMIT, HubOptions(drops_entity_calls=True))
    start(hub)
    call, lock = pb.OrchestratorAction(id=1), pb.OrchestratorAction(id=2)
    call.sendEntityMessage.entityOperationCalled.operation = "get"
    lock.sendEntityMessage.entityLockRequested.criticalSectionId = "section"
    Worker(hub).turn(call, lock)
    chunks = hub.StreamInstanceHistory(pb.StreamInstanceHistoryRequest(instanceId="one"), in_process)
    kept = [(str(event.WhichOneof("eventType")), event.eventId) for chunk in chunks for event in chunk.events]
    assert ("entityOperationCalled", 1) in kept
    assert ("entityLockRequested", 2) in kept
