"""The JSON documents of the management API, key by key in the extension's order.

Sources: azure-functions-durable-extension StatusResponsePayload.cs, HttpApiHandler.cs (GetClientResponseLinks),
HttpRequestMessageExtensions.cs (errors).
"""

import json
from datetime import UTC
from typing import Any
from urllib.parse import quote_plus

import durabletask.internal.orchestrator_service_pb2 as pb
from aiohttp import web
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import StringValue

STATUS_NAMES = {
    pb.ORCHESTRATION_STATUS_PENDING: "Pending",
    pb.ORCHESTRATION_STATUS_RUNNING: "Running",
    pb.ORCHESTRATION_STATUS_COMPLETED: "Completed",
    pb.ORCHESTRATION_STATUS_CONTINUED_AS_NEW: "ContinuedAsNew",
    pb.ORCHESTRATION_STATUS_FAILED: "Failed",
    pb.ORCHESTRATION_STATUS_CANCELED: "Canceled",
    pb.ORCHESTRATION_STATUS_TERMINATED: "Terminated",
    pb.ORCHESTRATION_STATUS_SUSPENDED: "Suspended",
}
WENT_WRONG = "Something went wrong while processing your request"
OVER = {"Completed", "Failed", "Terminated", "Canceled"}


def json_response(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    content = {"Content-Type": "application/json; charset=utf-8"}
    return web.Response(status=status, body=text.encode(), headers=content | (headers or {}))


def error_response(status: int, message: str, error: BaseException | None = None, of_type: str = "") -> web.Response:
    document: dict[str, Any] = {"Message": message}
    if error:
        document |= {"ExceptionMessage": str(error), "ExceptionType": of_type, "StackTrace": None}
    return json_response(document, status)


def status_body(state: pb.OrchestrationState, *, show_input: bool = True) -> dict[str, Any]:
    """Return what `GET instances/{id}` says of an instance, without its history."""
    return {
        "name": state.name,
        "instanceId": state.instanceId,
        "runtimeStatus": STATUS_NAMES[state.orchestrationStatus],
        "input": document(state, "input") if show_input else None,
        "customStatus": document(state, "customStatus"),
        "output": output(state),
        "createdTime": whole_seconds(state.createdTimestamp),
        "lastUpdatedTime": whole_seconds(state.lastUpdatedTimestamp),
        "version": state.version.value or None,
    }


def output(state: pb.OrchestrationState) -> Any:
    """Return the output; that of a failed instance is one string. Source: durabletask FailureDetails.cs, ToString."""
    if state.HasField("failureDetails"):
        return f"{state.failureDetails.errorType}: {state.failureDetails.errorMessage}"
    return document(state, "output")


def document(message: Any, field: str) -> Any:
    """Return the JSON a string field holds; its text when it is not JSON (a reason, say); None when it is absent."""
    if not message.HasField(field):
        return None
    wrapped: StringValue = getattr(message, field)
    try:
        return json.loads(wrapped.value)
    except ValueError:
        return wrapped.value.strip()


def whole_seconds(time: Timestamp) -> str:
    return time.ToDatetime(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_status_response(origin: str, instance_id: str, hub_name: str, system_key: str) -> web.Response:
    """202 with the links of an instance. They carry the system key, as in Azure."""
    instance = f"{origin}/runtime/webhooks/durabletask/instances/{quote_plus(instance_id)}"
    suffix = f"taskHub={quote_plus(hub_name)}&connection=Storage&code={quote_plus(system_key)}"
    links = {
        "id": instance_id,
        "statusQueryGetUri": f"{instance}?{suffix}",
        "sendEventPostUri": f"{instance}/raiseEvent/{{eventName}}?{suffix}",
        "terminatePostUri": f"{instance}/terminate?reason={{text}}&{suffix}",
        "purgeHistoryDeleteUri": f"{instance}?{suffix}",
        "restartPostUri": f"{instance}/restart?{suffix}",
        "suspendPostUri": f"{instance}/suspend?reason={{text}}&{suffix}",
        "resumePostUri": f"{instance}/resume?reason={{text}}&{suffix}",
    }
    return json_response(links, 202, {"Location": links["statusQueryGetUri"], "Retry-After": "10"})
