"""An entity exists while it has a state: deleting the state deletes the entity."""

# ruff: noqa: N802 -- the method names are the gRPC service's
import durabletask.internal.orchestrator_service_pb2 as pb
import grpc

from emulator.host.hub.versions import Versions


class EntityState(Versions):
    """What clients see of entities; the base class goes on showing one when its state was deleted."""

    def GetEntity(self, request: pb.GetEntityRequest, context: grpc.ServicerContext) -> pb.GetEntityResponse:
        with self._lock:
            entity = self._entities.get(request.instanceId)
            if entity is None or entity.serialized_state is None:
                return pb.GetEntityResponse(exists=False)
            return super().GetEntity(request, context)

    def QueryEntities(
        self, request: pb.QueryEntitiesRequest, context: grpc.ServicerContext
    ) -> pb.QueryEntitiesResponse:
        """Hide entities without a state, unless asked for transient ones; the base class hides those that are busy."""
        with self._lock:
            everything = self._entities
            if not request.query.includeTransient:
                self._entities = {key: e for key, e in everything.items() if e.serialized_state is not None}
            request.query.includeTransient = True
            try:
                return super().QueryEntities(request, context)
            finally:
                self._entities = everything
