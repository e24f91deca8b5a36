"""What a start and the health of the app learn from the task hub, over real gRPC from the emulator's."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import azure.durable_functions as df
import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest
from domain.alert_memory import entity_key
from domain.durations import PRIOR, Durations
from triggers.task_hub import TaskHubUnavailable
from triggers.task_hub_entities import MOST_KINDS, informed, known_scans

from emulator.host.hub import TaskHub, in_process
from tests.emulator.host.hub_worker import MESSAGE_LIMIT
from tests.support.graph_samples import asked
from triggers import task_hub_entities

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
RUN = asked(NOW)
KNOWN: Durations = {**PRIOR, "mean": 5.5, "variance": 0.04}


def state(kind: str = "StaleSignInAlert", **changes: Any) -> dict[str, Any]:
    return {"kind": kind, "scans": 3, "durations": KNOWN, "endedAt": "2026-01-31T12:00:00.000Z", **changes}


class Hub:
    """A task hub with entities in whatever state a test wants, and a client of it."""

    def __init__(self) -> None:
        self.hub = TaskHub(MESSAGE_LIMIT)
        self.client = client(self.hub.start())
        self._items = self.hub.work_items()

    def put(self, text: str, key: str = entity_key("StaleSignInAlert"), name: str = "scan_durations") -> None:
        signal = pb.SignalEntityRequest(instanceId=f"@{name}@{key}", name="saw", requestId="r-1")
        self.hub.SignalEntity(signal, in_process)
        item = next(self._items)
        result = pb.EntityBatchResult(completionToken=item.completionToken)
        result.results.add().success.result.value = "null"
        result.operationInfos.add(requestId="r-1")
        result.entityState.value = text
        self.hub.CompleteEntityTask(result, in_process)


def client(address: str) -> df.DurableFunctionsClient:
    binding = {"rpcBaseUrl": f"http://{address}", "maxGrpcMessageSizeInBytes": MESSAGE_LIMIT}
    return df.DurableFunctionsClient(json.dumps(binding))


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    started = Hub()
    yield started
    await started.client.close()
    started.hub.stop()


async def test_a_run_begins_with_what_is_known_of_its_kind_of_scan(hub: Hub) -> None:
    hub.put(json.dumps(state()))

    assert await informed(hub.client, RUN) == {**RUN, "durations": KNOWN}
    other = asked(NOW, target={"allAlerts": True})
    assert await informed(hub.client, other) == other


BROKEN: dict[str, str] = {
    "no JSON": "{",
    "another thing": "[]",
    "a member is missing": json.dumps({"kind": "x"}),
    "what an older version knew": json.dumps(state(durations={"count": 1, "mean": 5})),
    "a mean that is no time": json.dumps(state(durations={**KNOWN, "mean": 1e6})),
    "a mean that is no number": json.dumps(state(durations={**KNOWN, "mean": float("nan")})),
    "a variance below zero": json.dumps(state(durations={**KNOWN, "variance": -1.0})),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
async def test_what_no_run_could_go_by_is_left_and_hides_nothing_else(hub: Hub, text: str) -> None:
    hub.put(text)
    hub.put(json.dumps(state("allAlerts")), entity_key("allAlerts"))

    assert await informed(hub.client, RUN) == RUN
    assert [each["kind"] for each in await known_scans(hub.client)] == ["allAlerts"]


async def test_a_hub_that_is_gone_costs_what_it_knows_and_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    gone = client("127.0.0.1:9")
    assert await informed(gone, RUN) == RUN
    assert "AioRpcError" in caplog.text
    with pytest.raises(TaskHubUnavailable) as raised:
        await known_scans(gone)
    assert str(raised.value) == str(grpc.StatusCode.UNAVAILABLE)
    await gone.close()


async def test_a_hub_that_does_not_answer_is_not_waited_for(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(_: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(hub.client, "get_entity", silent)
    monkeypatch.setattr(task_hub_entities, "PATIENCE_SECONDS", 0.05)
    assert await informed(hub.client, RUN) == RUN


async def test_a_run_that_does_not_learn_asks_nobody() -> None:
    nobody: Any = None
    run = asked(NOW, learning=False)
    assert await informed(nobody, run) == run


async def test_every_kind_is_listed_up_to_a_hundred_and_no_other_entity(hub: Hub) -> None:
    hub.put(json.dumps(state("memory")), name="alert_memory")
    for number in range(MOST_KINDS + 1):
        hub.put(json.dumps(state(f"kind {number:03}")), f"{number:03}@")

    kinds = [each["kind"] for each in await known_scans(hub.client)]
    assert kinds == [f"kind {number:03}" for number in range(MOST_KINDS)]
