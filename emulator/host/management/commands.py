"""Commands to an instance: 404 when there is none, 410 when it ended, 202 without a body when it is accepted."""

from collections.abc import Awaitable

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from aiohttp import web

from emulator.host.hub import HubRefusedError
from emulator.host.management.bodies import OVER, STATUS_NAMES, WENT_WRONG, error_response
from emulator.host.management.call import Call, RefusedError

ACCEPTED, GONE, PRECONDITION_FAILED = 202, 410, 412


async def raise_event(call: Call, instance_id: str, event_name: str) -> web.Response:
    await _running(call, instance_id)
    if call.request.content_type.lower() != "application/json":
        return error_response(400, "Only application/json request content is supported")
    request = pb.RaiseEventRequest(instanceId=instance_id, name=event_name)
    request.input.value = await call.json_text()
    return await _accept(call.hub.RaiseEvent(request))


async def terminate(call: Call, instance_id: str) -> web.Response:
    """Terminate; the reason becomes the output."""
    await _running(call, instance_id)
    request = pb.TerminateRequest(instanceId=instance_id)
    if reason := call.query.text("reason"):
        request.output.value = reason
    return await _accept(call.hub.TerminateInstance(request))


async def suspend(call: Call, instance_id: str) -> web.Response:
    if await _running(call, instance_id) == "Suspended":
        return _invalid_operation(f"Cannot suspend orchestration instance '{instance_id}': it is already suspended.")
    request = pb.SuspendRequest(instanceId=instance_id)
    request.reason.value = call.query.text("reason") or ""
    await call.hub.SuspendInstance(request)
    return web.Response(status=ACCEPTED)


async def resume(call: Call, instance_id: str) -> web.Response:
    if await _running(call, instance_id) != "Suspended":
        return _invalid_operation(f"Cannot resume orchestration instance '{instance_id}': it is not suspended.")
    request = pb.ResumeRequest(instanceId=instance_id)
    request.reason.value = call.query.text("reason") or ""
    await call.hub.ResumeInstance(request)
    return web.Response(status=ACCEPTED)


async def rewind(call: Call, instance_id: str) -> web.Response:
    """Rewind: 412 for an instance that has not failed."""
    status = await _status(call, instance_id)
    if status != "Failed":
        reason = f"Only failed orchestration instances can be rewound; '{instance_id}' is {status}."
        return error_response(PRECONDITION_FAILED, reason)
    request = pb.RewindInstanceRequest(instanceId=instance_id)
    request.reason.value = call.query.text("reason") or ""
    await call.hub.RewindInstance(request)
    return web.Response(status=ACCEPTED)


async def _accept(command: Awaitable[object]) -> web.Response:
    """Send a command; the instance can end after its state is read, and is gone then too."""
    try:
        await command
    except HubRefusedError as refusal:
        if refusal.code is grpc.StatusCode.FAILED_PRECONDITION:
            return web.Response(status=GONE)
        raise
    return web.Response(status=ACCEPTED)


async def _status(call: Call, instance_id: str) -> str:
    state = await call.state(instance_id)
    if state is None:
        raise RefusedError(web.Response(status=404))
    return STATUS_NAMES[state.orchestrationStatus]


async def _running(call: Call, instance_id: str) -> str:
    status = await _status(call, instance_id)
    if status in OVER:
        raise RefusedError(web.Response(status=GONE))
    return status


def _invalid_operation(reason: str) -> web.Response:
    return error_response(
        500,
        WENT_WRONG,
        RuntimeError(reason),
        "System.InvalidOperationException",
    )
