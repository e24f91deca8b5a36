"""Starting instances, and waiting for them when the caller asks for it."""

import asyncio
import re
import time
import uuid

import durabletask.internal.orchestrator_service_pb2 as pb
from aiohttp import web

from emulator.host.hub import HubRefusedError
from emulator.host.management import instances
from emulator.host.management.bodies import (
    OVER,
    STATUS_NAMES,
    WENT_WRONG,
    check_status_response,
    error_response,
    json_response,
    output,
)
from emulator.host.management.call import Call, RefusedError
from emulator.host.worker import Kind

_ILLEGAL_IN_ID = re.compile(r"[/\\#?\x00-\x1f\x7f-\x9f]")


async def start(call: Call, name: str, instance_id: str = "") -> web.Response:
    """`POST orchestrators/{name}[/{id}]`. A name that no function has is accepted, and its instance fails."""
    body_input = None
    if call.request.headers.get("Content-Length") != "0" and await call.body_text():
        try:
            body_input = await call.json_text()
        except RefusedError as refusal:
            return error_response(500, WENT_WRONG, refusal.__cause__, "Newtonsoft.Json.JsonReaderException")
    return await _begin(call, name, instance_id or uuid.uuid4().hex, body_input)


async def restart(call: Call, instance_id: str) -> web.Response:
    """`POST instances/{id}/restart`: the same name and input again, under a new id unless told otherwise."""
    state = await call.state(instance_id)
    if state is None:
        error = ValueError(f"An orchestration with the instanceId {instance_id} was not found.")
        return error_response(
            400, "InstanceId does not match a valid orchestration instance.", error, "System.ArgumentException"
        )
    new = call.query.boolean("restartWithNewInstanceId", default=True)
    body_input = state.input.value if state.HasField("input") else None
    return await _begin(call, state.name, uuid.uuid4().hex if new else instance_id, body_input)


async def _begin(call: Call, name: str, instance_id: str, body_input: str | None) -> web.Response:
    _check_id(instance_id)
    function = call.catalog.find(Kind.ORCHESTRATION, name)
    request = pb.CreateInstanceRequest(instanceId=instance_id, name=function.task_name if function else name)
    if body_input is not None:
        request.input.value = body_input
    try:
        await call.hub.StartInstance(request)
    except HubRefusedError as error:
        return error_response(409, str(error))
    links = check_status_response(call.origin, instance_id, call.settings.hub_name, call.system_key)
    patience, interval = call.query.seconds("timeout"), call.query.seconds("pollingInterval")
    if patience is None or interval is None:
        return links
    return await _ending(call, instance_id, patience, interval) or links


async def _ending(call: Call, instance_id: str, patience: float, interval: float) -> web.Response | None:
    """Return the bare output of an instance that completes in time, the status of one that ends otherwise, or None."""
    if interval > patience:
        raise RefusedError(
            error_response(400, f"Total timeout {patience} should be bigger than retry timeout {interval}")
        )
    deadline = time.monotonic() + patience
    while True:
        state = await call.state(instance_id)
        name = STATUS_NAMES[state.orchestrationStatus] if state else ""
        if state and name == "Completed":
            return json_response(output(state))
        if name in OVER:
            return await instances.status(call, instance_id)
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return None
        await asyncio.sleep(min(interval, remaining))


def _check_id(instance_id: str) -> None:
    """Source: azure-functions-durable-extension DurableClient.cs, ValidateInstanceId."""
    if _ILLEGAL_IN_ID.search(instance_id):
        reason = "Orchestration instance IDs must not contain /, \\, #, ?, or control characters."
        raise RefusedError(error_response(400, reason))
