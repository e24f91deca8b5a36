"""Reading, listing and signalling entities."""

import json
import uuid
from datetime import UTC
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from aiohttp import web

from emulator.host.management.bodies import document, error_response, json_response
from emulator.host.management.call import Call
from emulator.host.management.instances import CONTINUATION_HEADER, DEFAULT_PAGE_SIZE
from emulator.host.worker import Kind

EMPTY_KEY = "$"


async def state(call: Call, name: str, key: str) -> web.Response:
    """`GET entities/{name}/{key}`: the bare state."""
    request = pb.GetEntityRequest(instanceId=_entity_id(name, key), includeState=True)
    found = await call.hub.GetEntity(request)
    if not found.exists:
        return web.Response(status=404)
    return json_response(document(found.entity, "serializedState"))


async def query(call: Call, name: str = "") -> web.Response:
    """`GET entities[/{name}]`: those that have a state, which is shown only with `fetchState=true`."""
    show_state = call.query.boolean("fetchState", default=False)
    condition = pb.EntityQuery(includeState=show_state)
    condition.pageSize.value = call.query.whole_number("top") or DEFAULT_PAGE_SIZE
    if name:
        condition.instanceIdStartsWith.value = _entity_id(name, "")
    if since := call.query.time("lastOperationTimeFrom"):
        condition.lastModifiedFrom.FromDatetime(since)
    if until := call.query.time("lastOperationTimeTo"):
        condition.lastModifiedTo.FromDatetime(until)
    if token := call.request.headers.get(CONTINUATION_HEADER):
        condition.continuationToken.value = token
    page = await call.hub.QueryEntities(pb.QueryEntitiesRequest(query=condition))
    bodies = [_body(entity) for entity in page.entities]
    return json_response(bodies, headers={CONTINUATION_HEADER: page.continuationToken.value})


async def signal(call: Call, name: str, key: str = "") -> web.Response:
    """`POST entities/{name}/{key}?op=`, or `DELETE` for the operation `delete`. A body that is not JSON is a string."""
    if not key:
        return error_response(400, "Invalid entity ID: the entity key may not be null.")
    if call.catalog.find(Kind.ENTITY, name) is None:
        return error_response(400, call.catalog.complaint(Kind.ENTITY, name))
    operation = "delete" if call.request.method == "DELETE" else call.query.text("op") or ""
    request = pb.SignalEntityRequest(instanceId=_entity_id(name, key), name=operation, requestId=str(uuid.uuid4()))
    if call.request.headers.get("Content-Length") != "0" and (text := await call.body_text()):
        is_json = call.request.content_type.lower() == "application/json"
        request.input.value = await call.json_text() if is_json else json.dumps(text)
    await call.hub.SignalEntity(request)
    return web.Response(status=202)


def _entity_id(name: str, key: str) -> str:
    return f"@{name.lower()}@{'' if key == EMPTY_KEY else key}"


def _body(entity: pb.EntityMetadata) -> dict[str, Any]:
    name, _, key = entity.instanceId.removeprefix("@").partition("@")
    return {
        "entityId": {"name": name, "key": key},
        "lastOperationTime": entity.lastModifiedTime.ToDatetime(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
        "state": document(entity, "serializedState"),
    }
