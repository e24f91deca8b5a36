"""Reading instances: one, or many page by page."""

# ruff: noqa: N802 -- the method names are the gRPC service's
import base64
import json
from datetime import UTC

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.testing.in_memory_backend import EntityState, OrchestrationInstance

from emulator.host.hub.entity_messages import EntityMessages

EMPTY_PAGE = pb.QueryInstancesResponse()


class Queries(EntityMessages):
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
        with self._lock:
            instances = self._instances
            self._instances = self._listed(request.query.instanceIdPrefix.value)
            try:
                found = super().QueryInstances(everything, context).orchestrationState
            finally:
                self._instances = instances
        if not request.query.HasField("createdTimeTo"):
            return list(found)
        until = request.query.createdTimeTo.ToDatetime(tzinfo=UTC)
        return [state for state in found if state.createdTimestamp.ToDatetime(tzinfo=UTC) <= until]

    def _listed(self, prefix: str) -> dict[str, OrchestrationInstance]:
        """Return what a list can show: ids that begin with `@` only when they are asked for, entities among them."""
        if prefix.startswith("@"):
            return self._instances | {key: as_instance(entity) for key, entity in self._entities.items()}
        return {key: instance for key, instance in self._instances.items() if not key.startswith("@")}

    def GetInstance(self, request: pb.GetInstanceRequest, context: grpc.ServicerContext) -> pb.GetInstanceResponse:
        with self._lock:
            if request.instanceId not in self._instances and (entity := self._entities.get(request.instanceId)):
                return self._build_instance_response(as_instance(entity), request.getInputsAndOutputs)
            return super().GetInstance(request, context)

    def ListInstanceIds(
        self,
        request: pb.ListInstanceIdsRequest,  # noqa: ARG002 -- the signature is the service's
        context: grpc.ServicerContext,
    ) -> pb.ListInstanceIdsResponse:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "")
        raise AssertionError

    def _build_instance_response(
        self,
        instance: OrchestrationInstance,
        include_payloads: bool,  # noqa: FBT001 -- the base class passes it by position
    ) -> pb.GetInstanceResponse:
        """Show a failure by its output alone, and a custom status that was never set as null."""
        response = super()._build_instance_response(instance, include_payloads)
        state = response.orchestrationState
        state.ClearField("failureDetails")
        if not include_payloads:
            state.ClearField("customStatus")
        elif not state.customStatus.value:
            state.customStatus.value = "null"
        return response


def as_instance(entity: EntityState) -> OrchestrationInstance:
    """Return the orchestration that an entity is in Azure Storage: its scheduler, which begins anew with each batch."""
    scheduler = {"exists": entity.serialized_state is not None, "state": entity.serialized_state}
    if entity.locked_by:
        scheduler["lockedBy"] = entity.locked_by
    return OrchestrationInstance(
        instance_id=entity.instance_id,
        name=entity.instance_id.rpartition("@")[0],
        status=pb.ORCHESTRATION_STATUS_RUNNING,
        input=json.dumps(scheduler),
        created_at=entity.last_modified_at,
        last_updated_at=entity.last_modified_at,
    )


def _decode(token: str) -> str | None:
    """Return the id that a token names, or None when it names none."""
    try:
        return base64.b64decode(token, validate=True).decode()
    except ValueError:
        return None
