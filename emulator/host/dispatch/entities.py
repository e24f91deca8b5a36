"""One batch of entity operations: EntityBatchRequest in, EntityBatchResult out, both base64 in a string.

Source: azure-functions-durable-extension OutOfProcMiddleware.cs, CallEntityAsync.
"""

import base64
import binascii
import logging

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.internal.helpers import convert_to_entity_batch_request
from google.protobuf.message import DecodeError

from emulator.host.dispatch.catalog import Catalog
from emulator.host.dispatch.runner import Runner
from emulator.host.worker import Datum, FunctionFailedError, Kind, text

logger = logging.getLogger("host.durable")


async def run_batch(request: pb.EntityRequest, catalog: Catalog, runner: Runner) -> pb.EntityBatchResult:
    """When the batch cannot be run each operation fails and the state stays; the hub gets its routing back in any case.

    The worker answers without `operationInfos`: in Azure it is the extension that remembers who called.
    """
    batch, infos = convert_to_entity_batch_request(request)
    name = request.instanceId.removeprefix("@").partition("@")[0]
    function = catalog.find(Kind.ENTITY, name)
    if function is None:
        complaint = catalog.complaint(Kind.ENTITY, name)
        logger.error("%s: %s", request.instanceId, complaint)
        result = _fail_all(batch, "EntityFunctionNotFound", complaint)
    else:
        try:
            trigger = text(base64.b64encode(batch.SerializeToString()).decode())
            result = _result(await runner.run(function, trigger))
            _report(batch, result)
        except FunctionFailedError:
            message = f"Invocation of function '{function.name}' failed with an exception."
            result = _fail_all(batch, "FunctionInvocationFailed", message)
    del result.operationInfos[:]
    result.operationInfos.extend(infos)
    return result


def _report(batch: pb.EntityBatchRequest, result: pb.EntityBatchResult) -> None:
    """Log what failed. Whoever called hears of it; whoever signalled does not."""
    for operation, outcome in zip(batch.operations, result.results, strict=False):
        if outcome.HasField("failure"):
            details = outcome.failure.failureDetails
            message = details.errorMessage.partition("\n")[0]
            logger.error("%s: %s failed: %s: %s", batch.instanceId, operation.operation, details.errorType, message)


def _result(result: Datum | None) -> pb.EntityBatchResult:
    try:
        return pb.EntityBatchResult.FromString(base64.b64decode(result.value if result else "", validate=True))
    except (binascii.Error, DecodeError, TypeError, ValueError) as error:
        raise FunctionFailedError.from_text(f"InvalidOperationException: no entity batch result: {error}") from error


def _fail_all(batch: pb.EntityBatchRequest, error_type: str, message: str) -> pb.EntityBatchResult:
    details = pb.TaskFailureDetails(errorType=error_type, errorMessage=message, isNonRetriable=True)
    failure = pb.OperationResult(failure=pb.OperationResultFailure(failureDetails=details))
    state = batch.entityState if batch.entityState.value else None
    return pb.EntityBatchResult(results=[failure] * len(batch.operations), entityState=state)
