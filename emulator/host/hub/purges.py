"""Purging instances, as it was measured on the extension 3.19 with the Azure Storage backend."""

# ruff: noqa: N802 -- the method names are the gRPC service's
from datetime import UTC

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.testing.in_memory_backend import OrchestrationInstance

from emulator.host.hub.commands import Commands
from emulator.host.hub.queries import as_instance
from emulator.host.hub.turns import TERMINAL


class Purges(Commands):
    """Purges by id only what ended; by filter also what runs. Children stay, and `isComplete` is never set."""

    def PurgeInstances(
        self, request: pb.PurgeInstancesRequest, context: grpc.ServicerContext
    ) -> pb.PurgeInstancesResponse:
        with self._lock:
            if request.HasField("purgeInstanceFilter"):
                wanted = request.purgeInstanceFilter
                schedulers = [as_instance(entity) for entity in self._entities.values()]
                purged = [each for each in (*self._instances.values(), *schedulers) if _fits(each, wanted)]
            else:
                instance = self._find_to_purge(request.instanceId)
                if instance and not self._is_terminal_status(instance.status):
                    reason = f"The orchestration instance '{request.instanceId}' is not ended and cannot be purged."
                    context.abort(grpc.StatusCode.FAILED_PRECONDITION, reason)
                purged = [instance] if instance else []
            for instance in purged:
                self._forget(instance.instance_id)
        return pb.PurgeInstancesResponse(deletedInstanceCount=len(purged))

    def _find_to_purge(self, instance_id: str) -> OrchestrationInstance | None:
        entity = self._entities.get(instance_id)
        return as_instance(entity) if entity else self._instances.get(instance_id)

    def _forget(self, instance_id: str) -> None:
        self._instances.pop(instance_id, None)
        self._entities.pop(instance_id, None)
        self._entity_in_flight.discard(instance_id)
        self._parents.pop(instance_id, None)
        self._orchestration_in_flight.discard(instance_id)


def _fits(instance: OrchestrationInstance, wanted: pb.PurgeInstanceFilter) -> bool:
    """Return whether a purge takes the instance: none without `createdTimeFrom`, all where no ended status is named."""
    if not wanted.HasField("createdTimeFrom") or instance.created_at < wanted.createdTimeFrom.ToDatetime(tzinfo=UTC):
        return False
    if wanted.HasField("createdTimeTo") and instance.created_at > wanted.createdTimeTo.ToDatetime(tzinfo=UTC):
        return False
    names_an_end = any(status in TERMINAL for status in wanted.runtimeStatus)
    return not names_an_end or instance.status in wanted.runtimeStatus
