"""One turn of an orchestrator: OrchestratorRequest in, OrchestratorResponse out, both base64 in a string.

Source: azure-functions-durable-extension OutOfProcMiddleware.cs, CallOrchestratorAsync.
"""

import base64
import binascii
import itertools
import json
import logging

import durabletask.internal.orchestrator_service_pb2 as pb
from google.protobuf.message import DecodeError

from emulator.host.dispatch.catalog import Catalog
from emulator.host.dispatch.runner import Runner
from emulator.host.tracing import NewSpan, TraceContext
from emulator.host.utf16 import utf16_length
from emulator.host.worker import Datum, FunctionFailedError, Kind, text

logger = logging.getLogger("host.durable")

CUSTOM_STATUS_LIMIT = 8_192
"""In UTF-16 code units of the JSON text that the worker sends."""


async def run_turn(request: pb.OrchestratorRequest, catalog: Catalog, runner: Runner) -> pb.OrchestratorResponse:
    """Never raises for what the app does: a turn that cannot be run fails the instance, as in Azure."""
    started = _find_start(request)
    name = started.name
    function = catalog.find(Kind.ORCHESTRATION, name)
    if function is None:
        complaint = catalog.complaint(Kind.ORCHESTRATION, name)
        logger.error("%s: %s", request.instanceId, complaint)
        return _fail(request, json.dumps(complaint))
    span = NewSpan(TraceContext.of_message(started.parentTraceContext))
    trigger = text(base64.b64encode(request.SerializeToString()).decode())
    try:
        response = _response(await runner.run(function, trigger, span=span))
    except FunctionFailedError as failure:
        return _fail(request, f"Function '{function.name}' failed with an unhandled exception.", failure)
    _report(name, response)
    return response


def _find_start(request: pb.OrchestratorRequest) -> pb.ExecutionStartedEvent:
    events = itertools.chain(request.pastEvents, request.newEvents)
    found = (event.executionStarted for event in events if event.HasField("executionStarted"))
    return next(found, pb.ExecutionStartedEvent())


def _response(result: Datum | None) -> pb.OrchestratorResponse:
    try:
        response = pb.OrchestratorResponse.FromString(base64.b64decode(result.value if result else "", validate=True))
    except (binascii.Error, DecodeError, TypeError, ValueError) as error:
        raise FunctionFailedError.from_text(f"InvalidOperationException: no orchestrator response: {error}") from error
    size = utf16_length(response.customStatus.value)
    if size > CUSTOM_STATUS_LIMIT:
        # Source: azure-functions-durable-extension RemoteOrchestratorContext.cs, ValidateCustomStatusSize.
        raise FunctionFailedError.from_text(
            f"CustomStatus is too large: limit = 16 KB (UTF-16), actual = {size * 2 / 1024:,.2f} KB."
        )
    return response


def _fail(
    request: pb.OrchestratorRequest, message: str, failure: FunctionFailedError | None = None
) -> pb.OrchestratorResponse:
    complete = pb.CompleteOrchestrationAction(orchestrationStatus=pb.ORCHESTRATION_STATUS_FAILED)
    complete.result.value = message
    if failure:
        complete.failureDetails.errorType = failure.error_type
        complete.failureDetails.errorMessage = failure.message
        complete.failureDetails.stackTrace.value = failure.stack_trace
    actions = [pb.OrchestratorAction(id=-1, completeOrchestration=complete)]
    return pb.OrchestratorResponse(instanceId=request.instanceId, actions=actions)


def _report(name: str, response: pb.OrchestratorResponse) -> None:
    for action in response.actions:
        if action.completeOrchestration.orchestrationStatus == pb.ORCHESTRATION_STATUS_FAILED:
            details = action.completeOrchestration.failureDetails
            message = details.errorMessage.partition("\n")[0]
            logger.error("%s of %s failed: %s: %s", response.instanceId, name, details.errorType, message)
