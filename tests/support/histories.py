"""Histories of an instance, cut after any event: what an orchestration has asked for by then, and what it asks next."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import durabletask.internal.helpers as history_events
import durabletask.internal.orchestrator_service_pb2 as pb

from tests.support.virtual_time import VirtualTime

KINDS = {
    **dict.fromkeys(("taskScheduled", "scheduleTask"), "task"),
    **dict.fromkeys(("timerCreated", "createTimer"), "timer"),
    **dict.fromkeys(("subOrchestrationInstanceCreated", "createSubOrchestration"), "child"),
    **dict.fromkeys(("eventSent", "sendEntityMessage"), "message"),
}
"""What an orchestration asks for, by the events that remember it and the actions that ask for it."""
MARKS = {"orchestratorStarted", "orchestratorCompleted"}
"""Of the turns of an orchestration. All other events come to it from outside."""

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
        quiet = next((place for place, kind in enumerate(kinds) if kind not in KINDS.keys() | MARKS), len(kinds))
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


def remembered(events: Iterable[pb.HistoryEvent]) -> list[Ask]:
    """Return what was asked for in `events`."""
    named = ((event, str(event.WhichOneof("eventType"))) for event in events)
    return [_ask(event.eventId, name, getattr(event, name)) for event, name in named if name in KINDS]


def asked(actions: Iterable[pb.OrchestratorAction]) -> list[Ask]:
    """Return what `actions` ask for; the end of the orchestration is left out."""
    named = ((action, str(action.WhichOneof("orchestratorActionType"))) for action in actions)
    return [_ask(action.id, name, getattr(action, name)) for action, name in named if name in KINDS]


def _ask(number: int, name: str, part: Any) -> Ask:
    match kind := KINDS[name]:
        case "task":
            return Ask(number, kind, part.name, part.input.value)
        case "timer":
            return Ask(number, kind, "", part.fireAt.ToDatetime())
        case "child":
            return Ask(number, kind, part.name, (part.instanceId, part.input.value))
    if name == "eventSent":
        return Ask(number, kind, part.instanceId, None)
    return Ask(number, kind, getattr(part, part.WhichOneof("EntityMessageType")).targetInstanceId.value, None)
