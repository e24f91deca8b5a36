"""Reading instances: one, or many page by page."""

# ruff: noqa: N802 -- the method names are the gRPC service's
import base64
from datetime import UTC

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.testing.in_memory_backend import OrchestrationInstance

from emulator.host.hub.entity_locks import EntityLocks

EMPTY_PAGE = pb.QueryInstancesResponse()


class Queries(EntityLocks):
    """Orders instances by id, and lets a token name the id to go on from, as Azure Storage does with its table.

    The base class counts from the oldest: when an instance that a page showed leaves the filter, the next page skips
    one. Source: durabletask AzureTableTrackingStore.cs, QueryStateAsync.
    """

    def QueryInstances(
        self, request: pb.QueryInstancesRequest, context: grpc.ServicerContext
    ) -> pb.QueryInstancesResponse:
        """Return a page of at most `maxInstanceCount` rows; protobuf cannot tell a count of 0 from an absent one.

        Without payloads only the inputs are left out: outputs are sent all the same.
        """
        size = request.query.maxInstanceCount
        if size < 0:
            context.abort(grpc.StatusCode.UNKNOWN, "Exception was thrown by handler.")
        begin = _decode(request.query.continuationToken.value)
        if begin is None:
            return EMPTY_PAGE
        states = sorted(
            (s for s in self._select(request, context) if s.instanceId >= begin), key=lambda s: s.instanceId
        )
        page = pb.QueryInstancesResponse(orchestrationState=states[:size])
        if not request.query.fetchInputsAndOutputs:
            for state in page.orchestrationState:
                state.ClearField("input")
        if rest := states[size:]:
            page.continuationToken.value = base64.b64encode(rest[0].instanceId.encode()).decode()
        return page

    def _select(self, request: pb.QueryInstancesRequest, context: grpc.ServicerContext) -> list[pb.OrchestrationState]:
        """Return the instances that the filter fits. It includes `createdTimeTo`, which the base class does not."""
        everything = pb.QueryInstancesRequest()
        everything.CopyFrom(request)
        everything.query.maxInstanceCount = 0
        everything.query.fetchInputsAndOutputs = True
        everything.query.ClearField("continuationToken")
        everything.query.ClearField("createdTimeTo")
        found = super().QueryInstances(everything, context).orchestrationState
        if not request.query.HasField("createdTimeTo"):
            return list(found)
        until = request.query.createdTimeTo.ToDatetime(tzinfo=UTC)
        return [state for state in found if state.createdTimestamp.ToDatetime(tzinfo=UTC) <= until]

    def _build_instance_response(
        self,
        instance: OrchestrationInstance,
        include_payloads: bool,  # noqa: FBT001 -- the base class passes it by position
    ) -> pb.GetInstanceResponse:
        response = super()._build_instance_response(instance, include_payloads)
        if not include_payloads:
            response.orchestrationState.ClearField("customStatus")
        return response


def _decode(token: str) -> str | None:
    """Return the id that a token names, or None when it names none."""
    try:
        return base64.b64decode(token, validate=True).decode()
    except ValueError:
        return None
