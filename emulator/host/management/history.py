"""`showHistory`: the history as people read it, with scheduled work folded into its result.

Source: azure-functions-durable-extension DurableClient.cs, GetDurableOrchestrationStatusAsync.
"""

from datetime import UTC
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from emulator.host.hub import HubService
from emulator.host.management.bodies import STATUS_NAMES, document

_SCHEDULED_BY = {
    "taskCompleted": "taskScheduled",
    "taskFailed": "taskScheduled",
    "subOrchestrationInstanceCompleted": "subOrchestrationInstanceCreated",
    "subOrchestrationInstanceFailed": "subOrchestrationInstanceCreated",
}
_DROPPED = {"orchestratorStarted", "orchestratorCompleted"}


async def history_events(
    hub: HubService, state: pb.OrchestrationState, *, show_input: bool, show_output: bool
) -> list[dict[str, Any]] | None:
    """None while the instance is pending, else one object per event that matters, in order."""
    if state.orchestrationStatus == pb.ORCHESTRATION_STATUS_PENDING:
        return None
    request = pb.StreamInstanceHistoryRequest(instanceId=state.instanceId)
    events = [event async for chunk in hub.StreamInstanceHistory(request) for event in chunk.events]
    scheduled = {(_kind(event), event.eventId): event for event in events if _kind(event) in _SCHEDULED_BY.values()}
    items = []
    for event in events:
        kind = _kind(event)
        if kind in _DROPPED:
            continue
        origin = scheduled.get((_SCHEDULED_BY[kind], _detail(event).taskScheduledId)) if kind in _SCHEDULED_BY else None
        items.append((event, _item(event, origin, show_input=show_input, show_output=show_output)))
        if origin is not None:
            items = [(other, item) for other, item in items if other is not origin]
    return [item for _, item in items]


def _item(
    event: pb.HistoryEvent, origin: pb.HistoryEvent | None, *, show_input: bool, show_output: bool
) -> dict[str, Any]:
    kind, detail = _kind(event), _detail(event)
    source = _detail(origin) if origin is not None else detail
    item: dict[str, Any] = {"EventType": kind[0].upper() + kind[1:]}
    if kind == "executionCompleted":
        item["OrchestrationStatus"] = STATUS_NAMES[detail.orchestrationStatus]
    if "name" in source.DESCRIPTOR.fields_by_name:
        item["FunctionName" if origin is not None or kind == "executionStarted" else "Name"] = _plain(source.name)
    if show_input and "input" in source.DESCRIPTOR.fields_by_name and source.HasField("input"):
        item["Input"] = source.input.value
    if show_output and "result" in detail.DESCRIPTOR.fields_by_name:
        item["Result"] = document(detail, "result")
    if "failureDetails" in detail.DESCRIPTOR.fields_by_name and detail.HasField("failureDetails"):
        failure = detail.failureDetails
        item["Reason"] = failure.errorMessage
        if kind == "taskFailed":
            item["Reason"] = f"Function '{_plain(source.name)}' failed with an unhandled exception."
        item["FailureDetails"] = {
            "ErrorType": failure.errorType,
            "ErrorMessage": failure.errorMessage,
            "StackTrace": failure.stackTrace.value or None,
            "IsNonRetriable": failure.isNonRetriable,
        }
    if kind in {"timerCreated", "timerFired"}:
        item["FireAt"] = _precise(detail.fireAt)
    if origin is not None:
        item["ScheduledTime"] = _precise(origin.timestamp)
    return item | {"Timestamp": _precise(event.timestamp)}


def _kind(event: pb.HistoryEvent) -> str:
    return str(event.WhichOneof("eventType"))


def _detail(event: pb.HistoryEvent) -> Any:
    return getattr(event, _kind(event))


def _plain(name: Any) -> str:
    return str(getattr(name, "value", name))


def _precise(time: Timestamp) -> str:
    return time.ToDatetime(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
