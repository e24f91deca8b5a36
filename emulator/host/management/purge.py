"""Forgetting instances."""

from datetime import UTC, datetime

import durabletask.internal.orchestrator_service_pb2 as pb
from aiohttp import web

from emulator.host.management.bodies import json_response
from emulator.host.management.call import Call


async def purge_one(call: Call, instance_id: str) -> web.Response:
    """`DELETE instances/{id}` asks for no status: a running instance is forgotten too."""
    purged = await call.hub.PurgeInstances(pb.PurgeInstancesRequest(instanceId=instance_id))
    return _answer(purged)


async def purge_many(call: Call) -> web.Response:
    """`DELETE instances` wants a `createdTimeFrom` and takes only instances that are over."""
    created_from = call.query.time("createdTimeFrom")
    if created_from is None:
        return json_response("Please provide value for 'createdTimeFrom' parameter.", 400)
    wanted = pb.PurgeInstanceFilter(runtimeStatus=call.query.statuses())
    wanted.createdTimeFrom.FromDatetime(created_from)
    wanted.createdTimeTo.FromDatetime(call.query.time("createdTimeTo") or datetime.now(UTC))
    purged = await call.hub.PurgeInstances(pb.PurgeInstancesRequest(purgeInstanceFilter=wanted))
    return _answer(purged)


def _answer(purged: pb.PurgeInstancesResponse) -> web.Response:
    if not purged.deletedInstanceCount:
        return web.Response(status=404)
    return json_response({"instancesDeleted": purged.deletedInstanceCount})
