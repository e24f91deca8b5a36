"""Purging instances."""

from datetime import UTC, datetime

import durabletask.internal.orchestrator_service_pb2 as pb
from aiohttp import web

from emulator.host.hub import HubRefusedError
from emulator.host.management.bodies import error_response, json_response
from emulator.host.management.call import Call


async def purge_one(call: Call, instance_id: str) -> web.Response:
    """`DELETE instances/{id}`: 412 for an instance that has not ended, which runs on."""
    try:
        purged = await call.hub.PurgeInstances(pb.PurgeInstancesRequest(instanceId=instance_id))
    except HubRefusedError as refusal:
        return error_response(412, str(refusal))
    return _answer(purged)


async def purge_many(call: Call) -> web.Response:
    """`DELETE instances` needs `createdTimeFrom`. Without an ended status in `runtimeStatus` it takes what runs too."""
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
