"""Results, failures and custom statuses that Azure cannot store or send as they are."""

import base64
import json

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest

from emulator.host.dispatch import Catalog
from emulator.host.dispatch.orchestrations import run_turn
from emulator.host.hub import TaskHub, turns
from emulator.host.worker import Datum, Function, text
from tests.emulator.host.conftest import SampleApp, logged
from tests.emulator.host.hub_worker import Worker, complete, kinds, raise_event, start, status


def fails(message: str) -> pb.OrchestratorAction:
    """Return an end whose text is `E: ` and the message."""
    action: pb.OrchestratorAction = complete("FAILED")
    action.completeOrchestration.failureDetails.errorType = "E"
    action.completeOrchestration.failureDetails.errorMessage = message
    return action


def test_a_failure_too_long_to_store_is_tried_for_ever(
    hub: TaskHub, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "RETRY_SECONDS", 0.01)
    start(hub)
    # A surrogate pair counts for two.
    for message in ("x" * 32_766, "😀" * 16_383):
        assert kinds(worker.turn(fails(message))) == ["executionStarted"]
        assert status(hub) == "RUNNING"
    raise_event(hub)
    assert kinds(worker.turn(fails("x" + "😀" * 16_382))) == ["executionStarted", "eventRaised"]
    assert status(hub) == "FAILED"


def test_between_two_tries_an_event_begins_no_turn(hub: TaskHub, worker: Worker) -> None:
    start(hub)
    worker.turn(fails("x" * 40_000))
    raise_event(hub)
    start(hub, "two")
    assert worker.turn(complete()).instanceId == "two"


async def test_an_orchestrator_that_fails_at_length_never_ends(app: SampleApp) -> None:
    assert (await app.ended(await app.start("raises", 32_768)))["runtimeStatus"] == "Failed"
    instance_id = await app.start("raises", 32_769)
    await logged(app.host, f"{instance_id}: a failure of 32769 characters", times=2)
    assert (await app.status(instance_id))["runtimeStatus"] == "Running"


async def test_half_of_a_surrogate_pair_is_replaced_in_a_result(app: SampleApp) -> None:
    assert await app.run("calls", ["halve", "a"]) == ["a\ufffda", "😀"]


@pytest.mark.parametrize(
    ("orchestrator", "given", "function"), [("calls", ["fail", "halved"], "fail"), ("raises", 0, "raises")]
)
async def test_half_of_a_surrogate_pair_in_an_exception_hangs_the_instance(
    app: SampleApp, orchestrator: str, given: object, function: str
) -> None:
    instance_id = await app.start(orchestrator, given)
    await logged(app.host, rf"{function} \w{{8}}: the exception has a lone surrogate")
    await app.run("chain", 1)
    assert (await app.status(instance_id))["runtimeStatus"] == "Running"


TOO_LARGE = "CustomStatus is too large: limit = 16 KB (UTF-16), actual = 16.00 KB."


@pytest.mark.parametrize(
    ("length", "end"), [(8192, ("Completed", "shown", "short")), (8193, ("Failed", TOO_LARGE, None))]
)
async def test_a_custom_status_has_8192_characters_at_most(
    app: SampleApp, length: int, end: tuple[str, str, str | None]
) -> None:
    status = await app.ended(await app.start("shows", length))
    assert (status["runtimeStatus"], status["output"], status["customStatus"]) == end


class Shows:
    """Runs an orchestrator that does nothing but show a custom status."""

    def __init__(self, custom_status: str) -> None:
        self._response = pb.OrchestratorResponse(instanceId="one")
        self._response.customStatus.value = custom_status

    async def run(self, *_arguments: object, **_options: object) -> Datum:
        return text(base64.b64encode(self._response.SerializeToString()).decode())


@pytest.mark.parametrize(("emoji", "actions"), [(4095, 0), (4096, 1)])
async def test_a_surrogate_pair_in_a_custom_status_counts_for_two(emoji: int, actions: int) -> None:
    request = pb.OrchestratorRequest(instanceId="one")
    request.newEvents.add().executionStarted.name = "shows"
    trigger = json.dumps({"type": "orchestrationTrigger", "name": "context"})
    catalog = Catalog([Function.from_bindings("shows", "id", [trigger])])
    response = await run_turn(request, catalog, Shows(f'"{"😀" * emoji}"'))  # type: ignore[arg-type]
    assert len(response.actions) == actions
