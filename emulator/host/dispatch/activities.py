"""One activity: its input as JSON text, its result as JSON text, or what is left of its exception.

Source: azure-functions-durable-extension OutOfProcMiddleware.cs, CallActivityAsync.
"""

import logging

import durabletask.internal.orchestrator_service_pb2 as pb

from emulator.host.dispatch.catalog import Catalog
from emulator.host.dispatch.newtonsoft import MOST_LEVELS, TooDeepError, pass_input, pass_result
from emulator.host.dispatch.runner import Runner
from emulator.host.tracing import NewSpan, TraceContext
from emulator.host.worker import Datum, FunctionFailedError, Kind, text

logger = logging.getLogger("host.durable")

TOO_DEEP = f"The reader's MaxDepth of {MOST_LEVELS} has been exceeded."


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
    except TooDeepError:
        failure = FunctionFailedError("Newtonsoft.Json.JsonReaderException", TOO_DEEP)
        _fail(response, failure)
    except FunctionFailedError as failure:
        _fail(response, failure)
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
    return text(pass_input(request.input.value))


def _result(result: Datum | None) -> str:
    return "null" if result is None or result.value is None else pass_result(result.value)


def _fail(response: pb.ActivityResponse, failure: FunctionFailedError) -> None:
    response.failureDetails.errorType = failure.error_type
    response.failureDetails.errorMessage = failure.message
    response.failureDetails.stackTrace.value = failure.stack_trace
