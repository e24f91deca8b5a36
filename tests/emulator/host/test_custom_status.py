"""How long the custom status of an instance may be."""

import base64
import json

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest

from emulator.host.dispatch import Catalog
from emulator.host.dispatch.orchestrations import run_turn
from emulator.host.worker import Datum, Function, text
from tests.emulator.host.conftest import DurableApp

TRIGGER = json.dumps({"type": "orchestrationTrigger", "name": "context"})


async def test_8192_characters_can_be_shown(durable: DurableApp) -> None:
    status = await durable.ended(await durable.start("shows", 8192))
    assert (status["runtimeStatus"], status["output"], status["customStatus"]) == ("Completed", "shown", "short")


async def test_one_more_ends_the_instance(durable: DurableApp) -> None:
    status = await durable.ended(await durable.start("shows", 8193))
    assert (status["runtimeStatus"], status["customStatus"]) == ("Failed", None)
    assert status["output"] == "CustomStatus is too large: limit = 16 KB (UTF-16), actual = 16.00 KB."


class Shows:
    """Runs an orchestrator that does nothing but show a custom status."""

    def __init__(self, custom_status: str) -> None:
        self._response = pb.OrchestratorResponse(instanceId="one")
        self._response.customStatus.value = custom_status

    async def run(self, *_arguments: object, **_options: object) -> Datum:
        return text(base64.b64encode(self._response.SerializeToString()).decode())


@pytest.mark.parametrize(("emoji", "actions"), [(4095, 0), (4096, 1)])
async def test_a_surrogate_pair_counts_for_two(emoji: int, actions: int) -> None:
    request = pb.OrchestratorRequest(instanceId="one")
    request.newEvents.add().executionStarted.name = "shows"
    catalog = Catalog([Function.from_bindings("shows", "id", [TRIGGER])])
    response = await run_turn(request, catalog, Shows(f'"{"😀" * emoji}"'))  # type: ignore[arg-type]
    failed = [action.completeOrchestration.orchestrationStatus for action in response.actions]
    assert failed == [pb.ORCHESTRATION_STATUS_FAILED] * actions
