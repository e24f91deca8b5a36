"""What becomes of work that was lent to a host that is gone."""

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest

from emulator.host.hub import TaskHub, in_process
from tests.emulator.host.hub_worker import Worker, complete, kinds, raise_event, start, status

ENTITY = "@e@k"


@pytest.fixture
def successor(hub: TaskHub) -> Worker:
    """Return a second worker; what the first still has is its, once the first is lost."""
    return Worker(hub)


def signal(hub: TaskHub, request_id: str = "r") -> None:
    hub.SignalEntity(pb.SignalEntityRequest(instanceId=ENTITY, name="op", requestId=request_id), in_process)


def request_ids(item: pb.WorkItem) -> list[str]:
    return [event.entityOperationSignaled.requestId for event in item.entityRequestV2.operationRequests]


def finish_batch(hub: TaskHub, item: pb.WorkItem, state: str) -> None:
    done = pb.EntityBatchResult(completionToken=item.completionToken)
    done.entityState.value = state
    hub.CompleteEntityTask(done, in_process)


def entity_state(hub: TaskHub) -> str:
    found = hub.GetEntity(pb.GetEntityRequest(instanceId=ENTITY, includeState=True), in_process)
    return str(found.entity.serializedState.value)


def test_a_turn_is_taken_by_the_next_host_with_what_came_in_since(
    hub: TaskHub, worker: Worker, successor: Worker
) -> None:
    start(hub)
    lost = worker.take("orchestratorRequest")
    raise_event(hub)
    worker.vanish()
    assert kinds(successor.turn()) == ["executionStarted", "eventRaised"]
    worker.answer(lost, complete())
    assert status(hub) == "RUNNING"


def test_a_batch_of_an_entity_is_run_again_before_what_came_in_since(
    hub: TaskHub, worker: Worker, successor: Worker
) -> None:
    signal(hub, "first")
    lost = worker.take("entityRequestV2")
    signal(hub, "second")
    worker.vanish()
    again = successor.take("entityRequestV2")
    assert request_ids(again) == ["first", "second"]
    finish_batch(hub, lost, '"late"')
    assert entity_state(hub) == ""
    finish_batch(hub, again, '"in time"')
    assert entity_state(hub) == '"in time"'
