"""A host may die at any moment. Whatever of a history was kept, the run goes on from there as it would have gone on."""

from collections.abc import Iterable, Iterator, Sequence

import durabletask.internal.helpers as history_events
import durabletask.internal.orchestrator_service_pb2 as pb
import pytest

from tests.support.run_shapes import SHAPES
from tests.support.virtual_time import VirtualTime

# What an orchestration has asked for, and the marks of its turns. The rest comes to it from outside.
OWN = {"taskScheduled", "timerCreated", "subOrchestrationInstanceCreated", "eventSent"}
MARKS = {"orchestratorStarted", "orchestratorCompleted"}


def histories(time: VirtualTime) -> Iterator[tuple[str, list[pb.HistoryEvent], pb.OrchestratorResponse]]:
    """Yield each history of the instance, one for each continue-as-new, and the answer that ended it."""
    for request, response in time.steps:
        if any(action.HasField("completeOrchestration") for action in response.actions):
            yield request.instanceId, [*request.pastEvents, *request.newEvents], response


def remembered(events: Sequence[pb.HistoryEvent]) -> list[tuple[object, ...]]:
    """Return what was asked for in `events`."""
    found: list[tuple[object, ...]] = []
    for event in events:
        match event.WhichOneof("eventType"):
            case "taskScheduled":
                found.append((event.eventId, event.taskScheduled.name, event.taskScheduled.input.value))
            case "timerCreated":
                found.append((event.eventId, "timer", event.timerCreated.fireAt.ToDatetime()))
            case "subOrchestrationInstanceCreated":
                child = event.subOrchestrationInstanceCreated
                found.append((event.eventId, child.name, child.instanceId, child.input.value))
            case "eventSent":
                found.append((event.eventId, "message", event.eventSent.instanceId))
    return found


def asked(actions: Iterable[pb.OrchestratorAction]) -> list[tuple[object, ...]]:
    """Return what `actions` ask for, told as `remembered` tells it; the end of an orchestration is left out."""
    found: list[tuple[object, ...]] = []
    for action in actions:
        match action.WhichOneof("orchestratorActionType"):
            case "scheduleTask":
                found.append((action.id, action.scheduleTask.name, action.scheduleTask.input.value))
            case "createTimer":
                found.append((action.id, "timer", action.createTimer.fireAt.ToDatetime()))
            case "createSubOrchestration":
                child = action.createSubOrchestration
                found.append((action.id, child.name, child.instanceId, child.input.value))
            case "sendEntityMessage":
                message = action.sendEntityMessage
                sent = getattr(message, str(message.WhichOneof("EntityMessageType")))
                found.append((action.id, "message", sent.targetInstanceId.value))
    return found


def until_something_comes(events: Sequence[pb.HistoryEvent]) -> int:
    """Return the place of the first event that comes from outside."""
    kinds = [str(event.WhichOneof("eventType")) for event in events]
    return next((place for place, kind in enumerate(kinds) if kind not in {*OWN, *MARKS}), len(kinds))


def how(response: pb.OrchestratorResponse) -> pb.CompleteOrchestrationAction:
    """Return how the orchestration ended, but for the lines of the SDK that a failure went through."""
    ended = pb.CompleteOrchestrationAction()
    ended.CopyFrom(response.actions[-1].completeOrchestration)
    ended.failureDetails.ClearField("stackTrace")
    return ended


@pytest.mark.parametrize("shape", SHAPES)
def test_what_was_lost_after_any_event_is_asked_for_again_and_nothing_else(shape: str) -> None:
    time = SHAPES[shape]()
    cuts = 0
    for instance_id, history, end in histories(time):
        # The first two are the start of a turn and that of the execution: without them there is nothing to go on from.
        for kept in range(2, len(history) + 1):
            lost = history[kept:]
            turn = history_events.new_orchestrator_started_event(history[kept - 1].timestamp.ToDatetime())
            request = pb.OrchestratorRequest(instanceId=instance_id, pastEvents=history[:kept], newEvents=[turn])
            response = time.executed(request)

            expected = remembered(lost[: until_something_comes(lost)])
            if until_something_comes(lost) == len(lost):
                expected += asked(end.actions)
                assert how(response) == how(end), f"another end after {kept} events"
            assert asked(response.actions) == expected, f"after {kept} of {len(history)} events"
            cuts += 1
    assert cuts


def test_every_kind_of_end_is_among_the_shapes() -> None:
    times = [make() for make in SHAPES.values()]
    problems = {
        str(status["problem"]["type"]) for time in times for status in time.custom_statuses if status.get("problem")
    }

    assert {time.status for time in times} == {"COMPLETED", "FAILED"}
    assert {kind.rpartition(":")[2] for kind in problems} >= {"timed-out", "operation-failed", "run-cancelled"}
    assert any(len(list(histories(time))) > 1 for time in times), "none continues as new"
    assert any(time.children for time in times), "none calls back"
