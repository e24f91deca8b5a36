"""Histories of an instance, cut after any event: what an orchestration has asked for by then, and what it asks next."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import durabletask.internal.helpers as history_events
import durabletask.internal.orchestrator_service_pb2 as pb

from tests.support.virtual_time import VirtualTime

# What an orchestration has asked for, and the marks of its turns. The rest comes to it from outside.
OWN = {"taskScheduled", "timerCreated", "subOrchestrationInstanceCreated", "eventSent"}
MARKS = {"orchestratorStarted", "orchestratorCompleted"}

FIRST_CUT = 2
"""After the start of a turn and that of the execution: without them there is nothing to go on from."""


class Ask(NamedTuple):
    """One thing that an orchestration asks of the task hub."""

    id: int
    kind: str
    name: str
    detail: object
    """Its input, or when a timer fires."""


@dataclass(frozen=True)
class History:
    """One execution from its start to its end, which may be a continue-as-new."""

    instance_id: str
    events: Sequence[pb.HistoryEvent]
    end: pb.OrchestratorResponse

    def cut(self, kept: int) -> pb.OrchestratorRequest:
        """Return the turn of a host that finds the first `kept` events and nothing else."""
        turn = history_events.new_orchestrator_started_event(self.events[kept - 1].timestamp.ToDatetime())
        return pb.OrchestratorRequest(
            instanceId=self.instance_id, pastEvents=list(self.events[:kept]), newEvents=[turn]
        )

    def next_asked(self, kept: int) -> tuple[list[Ask], bool]:
        """Return what was asked for after so many events until something came from outside; whether it ended so."""
        lost = self.events[kept:]
        kinds = [str(event.WhichOneof("eventType")) for event in lost]
        quiet = next((place for place, kind in enumerate(kinds) if kind not in OWN | MARKS), len(kinds))
        if quiet < len(kinds):
            return remembered(lost[:quiet]), False
        return remembered(lost) + asked(self.end.actions), True


def histories(time: VirtualTime) -> Iterator[History]:
    """Yield each history of the instance."""
    for request, response in time.steps:
        if ending(response) is not None:
            yield History(request.instanceId, [*request.pastEvents, *request.newEvents], response)


def ending(response: pb.OrchestratorResponse) -> pb.CompleteOrchestrationAction | None:
    """Return how the execution ended, without the lines of code that a failure went through; None when it goes on."""
    for action in response.actions:
        if action.HasField("completeOrchestration"):
            ended = pb.CompleteOrchestrationAction()
            ended.CopyFrom(action.completeOrchestration)
            ended.failureDetails.ClearField("stackTrace")
            return ended
    return None


def remembered(events: Sequence[pb.HistoryEvent]) -> list[Ask]:
    """Return what was asked for in `events`."""
    found: list[Ask] = []
    for event in events:
        match event.WhichOneof("eventType"):
            case "taskScheduled":
                found.append(Ask(event.eventId, "task", event.taskScheduled.name, event.taskScheduled.input.value))
            case "timerCreated":
                found.append(Ask(event.eventId, "timer", "", event.timerCreated.fireAt.ToDatetime()))
            case "subOrchestrationInstanceCreated":
                child = event.subOrchestrationInstanceCreated
                found.append(Ask(event.eventId, "child", child.name, (child.instanceId, child.input.value)))
            case "eventSent":
                found.append(Ask(event.eventId, "message", event.eventSent.instanceId, None))
    return found


def asked(actions: Iterable[pb.OrchestratorAction]) -> list[Ask]:
    """Return what `actions` ask for; the end of the orchestration is left out."""
    found: list[Ask] = []
    for action in actions:
        match action.WhichOneof("orchestratorActionType"):
            case "scheduleTask":
                found.append(Ask(action.id, "task", action.scheduleTask.name, action.scheduleTask.input.value))
            case "createTimer":
                found.append(Ask(action.id, "timer", "", action.createTimer.fireAt.ToDatetime()))
            case "createSubOrchestration":
                child = action.createSubOrchestration
                found.append(Ask(action.id, "child", child.name, (child.instanceId, child.input.value)))
            case "sendEntityMessage":
                message = action.sendEntityMessage
                sent = getattr(message, str(message.WhichOneof("EntityMessageType")))
                found.append(Ask(action.id, "message", sent.targetInstanceId.value, None))
    return found
