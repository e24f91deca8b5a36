"""While an orchestration holds the lock of an entity, only its own calls get through; the rest waits for the unlock."""

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.testing.in_memory_backend import OrchestrationInstance, PendingLockRequest

from emulator.host.hub.entity_state import EntityState


class EntityLocks(EntityState):
    """The base class grants locks but lets everybody's operations through."""

    def __init__(self) -> None:
        super().__init__()
        self._owners: dict[str, str] = {}
        self._held: dict[str, list[pb.HistoryEvent]] = {}

    def _grant_lock(self, pending: PendingLockRequest) -> None:
        for entity_id in pending.lock_set:
            self._owners[entity_id] = pending.parent_instance_id
        super()._grant_lock(pending)
        for entity_id in pending.lock_set:
            self._hold_back(entity_id)

    def _hold_back(self, entity_id: str) -> None:
        entity = self._entities[entity_id]
        if entity.locked_by is not None:
            operations, owner = entity.pending_operations, self._owners[entity_id]
            entity.pending_operations = [event for event in operations if _caller(event) == owner]
            self._held.setdefault(entity_id, []).extend(event for event in operations if _caller(event) != owner)

    def _enqueue_entity(self, entity_id: str) -> None:
        self._hold_back(entity_id)
        if self._entities[entity_id].pending_operations:
            super()._enqueue_entity(entity_id)

    def _process_send_entity_message_action(
        self, instance: OrchestrationInstance, action: pb.OrchestratorAction
    ) -> None:
        message = action.sendEntityMessage
        needs_answer = message.HasField("entityOperationCalled") or message.HasField("entityLockRequested")
        if needs_answer and self.options.drops_entity_calls:
            instance.history.append(_sent(action))
            return
        super()._process_send_entity_message_action(instance, action)
        if message.HasField("entityUnlockSent"):
            entity_id = message.entityUnlockSent.targetInstanceId.value
            if entity_id in self._entities and (held := self._held.pop(entity_id, None)):
                self._entities[entity_id].pending_operations.extend(held)
                self._enqueue_entity(entity_id)


def _sent(action: pb.OrchestratorAction) -> pb.HistoryEvent:
    """Return what the history keeps of a call or lock, whether it arrives or not."""
    message = action.sendEntityMessage
    if message.HasField("entityOperationCalled"):
        return pb.HistoryEvent(eventId=action.id, entityOperationCalled=message.entityOperationCalled)
    return pb.HistoryEvent(eventId=action.id, entityLockRequested=message.entityLockRequested)


def _caller(event: pb.HistoryEvent) -> str:
    return event.entityOperationCalled.parentInstanceId.value if event.HasField("entityOperationCalled") else ""
