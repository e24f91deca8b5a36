"""Results, failures and custom statuses that Azure cannot store or send as they are."""

import base64
import json
import re

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest

from emulator.host.dispatch import Catalog
from emulator.host.dispatch.orchestrations import run_turn
from emulator.host.hub import TaskHub, turns
from emulator.host.worker import Datum, Function, text
from tests.emulator.host.conftest import DurableApp, logged, until
from tests.emulator.host.hub_worker import Worker, complete, kinds, raise_event, start, status


def fails(message: str) -> pb.OrchestratorAction:
    """Return an end whose text is `E: ` and the message."""
    action: pb.OrchestratorAction = complete(pb.ORCHESTRATION_STATUS_FAILED)
    action.completeOrchestration.failureDetails.errorType = "E"
    action.completeOrchestration.failureDetails.errorMessage = message
    return action


def test_a_failure_too_long_to_store_is_tried_for_ever(
    hub: TaskHub, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "RETRY_SECONDS", 0.01)
    start(hub)
    for _ in range(3):
        assert kinds(worker.turn(fails("x" * 32_766))) == ["executionStarted"]
        assert status(hub) == "RUNNING"
    raise_event(hub)
    assert kinds(worker.turn(fails("x" * 32_765))) == ["executionStarted", "eventRaised"]
    assert status(hub) == "FAILED"


def test_the_length_counts_a_surrogate_pair_for_two(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(fails("😀" * 16_382))
    assert status(hub) == "FAILED"
    start(hub)
    worker.turn(fails("😀" * 16_383))
    assert status(hub) == "RUNNING"


def test_between_two_tries_an_event_begins_no_turn(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(fails("x" * 40_000))
    raise_event(hub)
    start(hub, "two")
    assert worker.turn(complete()).instanceId == "two"


async def test_an_orchestrator_that_fails_at_length_never_ends(durable: DurableApp) -> None:
    assert (await durable.ended(await durable.start("fails_at_length", 32_768)))["runtimeStatus"] == "Failed"
    instance_id = await durable.start("fails_at_length", 32_769)

    async def tried_twice() -> bool:
        return len(re.findall(f"{instance_id}: a failure of 32769 characters", durable.host.log)) == 2

    await until(tried_twice)
    assert (await durable.status(instance_id))["runtimeStatus"] == "Running"


async def test_half_of_a_surrogate_pair_is_replaced_in_a_result(durable: DurableApp) -> None:
    assert await durable.run("halves", "halve") == ["a\ufffda", "😀"]


@pytest.mark.parametrize(("name", "function"), [("halves", "fail_halved"), ("fails_halved", "fails_halved")])
async def test_half_of_a_surrogate_pair_in_an_exception_hangs_the_instance(
    durable: DurableApp, name: str, function: str
) -> None:
    instance_id = await durable.start(name, "fail_halved")
    await logged(durable.host, rf"{function} \w{{8}}: the exception has a lone surrogate")
    await durable.run("chain", 1)
    assert (await durable.status(instance_id))["runtimeStatus"] == "Running"


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
