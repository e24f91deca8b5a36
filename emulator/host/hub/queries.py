"""Listing instances, page by page."""

# ruff: noqa: N802 -- the method names are the gRPC service's
from urllib.parse import quote, unquote

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc

from emulator.host.hub.entity_locks import EntityLocks


class Queries(EntityLocks):
    """Orders instances by id, and lets a token name the id to go on from, as Azure Storage does with its table.

    The base class counts from the oldest: when an instance that a page showed leaves the filter, the next page skips
    one. Source: durabletask AzureTableTrackingStore.cs, QueryStateAsync.
    """

    def QueryInstances(
        self, request: pb.QueryInstancesRequest, context: grpc.ServicerContext
    ) -> pb.QueryInstancesResponse:
        everything = pb.QueryInstancesRequest()
        everything.CopyFrom(request)
        everything.query.maxInstanceCount = 0
        everything.query.ClearField("continuationToken")
        begin = unquote(request.query.continuationToken.value)
        found = super().QueryInstances(everything, context).orchestrationState
        states = sorted((s for s in found if s.instanceId >= begin), key=lambda state: state.instanceId)
        size = request.query.maxInstanceCount if request.query.maxInstanceCount > 0 else len(states)
        page = pb.QueryInstancesResponse(orchestrationState=states[:size])
        if rest := states[size:]:
            page.continuationToken.value = quote(rest[0].instanceId, safe="")
        return page
