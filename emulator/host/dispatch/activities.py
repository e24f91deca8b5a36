"""One activity: its input as JSON text, its result as JSON text, or what is left of its exception.

Source: azure-functions-durable-extension OutOfProcMiddleware.cs, CallActivityAsync.
"""

import json
import logging

import durabletask.internal.orchestrator_service_pb2 as pb

from emulator.host.dispatch.catalog import Catalog
from emulator.host.dispatch.runner import Runner
from emulator.host.tracing import NewSpan, TraceContext
from emulator.host.utf16 import replace_lone_surrogates
from emulator.host.worker import Datum, FunctionFailedError, Kind, text

logger = logging.getLogger("host.durable")


async def run_activity(request: pb.ActivityRequest, catalog: Catalog, runner: Runner) -> pb.ActivityResponse:
    """Run an activity; its failures are part of the response.

    An unknown one fails without details: the extension words a reason, but the protocol has no place for it.
    """
    response = pb.ActivityResponse(instanceId=request.orchestrationInstance.instanceId, taskId=request.taskId)
    function = catalog.find(Kind.ACTIVITY, request.name)
    if function is None:
        logger.error("%s: %s", response.instanceId, catalog.complaint(Kind.ACTIVITY, request.name))
        response.failureDetails.SetInParent()
        return response
    try:
        result = await runner.run(function, _input(request), span=_span(request))
        response.result.value = _result(result)
    except FunctionFailedError as failure:
        response.failureDetails.errorType = failure.error_type
        response.failureDetails.errorMessage = failure.message
        response.failureDetails.stackTrace.value = failure.stack_trace
    return response


def _span(request: pb.ActivityRequest) -> NewSpan:
    """Source: https://github.com/Azure/durabletask/blob/main/src/DurableTask.Core/Tracing/Schema.cs."""
    attributes: dict[str, str | int] = {
        "durabletask.type": "activity",
        "durabletask.task.name": request.name,
        "durabletask.task.instance_id": request.orchestrationInstance.instanceId,
        "durabletask.task.task_id": request.taskId,
    }
    return NewSpan(TraceContext.of_message(request.parentTraceContext), f"activity:{request.name}", attributes)


def _input(request: pb.ActivityRequest) -> Datum | None:
    """Return the input's JSON text, re-serialised, or None: without one the worker gets no value, and fails on that.

    Source: azure-functions-host GrpcMessageConversionExtensions.cs sends an empty TypedData for null.
    """
    if not request.HasField("input"):
        return None
    return text(_compact(request.input.value))


def _result(result: Datum | None) -> str:
    """Return the result's JSON text; the way through .NET makes U+FFFD of each lone surrogate in it."""
    return "null" if result is None or result.value is None else replace_lone_surrogates(_compact(result.value))


def _compact(document: str) -> str:
    try:
        return json.dumps(json.loads(document), separators=(",", ":"), ensure_ascii=False)
    except ValueError:
        return json.dumps(document)
