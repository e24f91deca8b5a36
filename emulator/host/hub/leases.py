"""Leases of work: when a host is lost, the next one gets its work, and a late answer of the first is void."""

# ruff: noqa: N802 -- the method names are the gRPC service's
import logging
import uuid
from collections.abc import Generator
from dataclasses import dataclass

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.testing.in_memory_backend import ActivityWorkItem

from emulator.host.hub.in_process import in_process
from emulator.host.hub.purges import Purges

logger = logging.getLogger("host.hub")

type Answer = pb.OrchestratorResponse | pb.ActivityResponse | pb.EntityBatchResult
TOO_LATE = pb.CompleteTaskResponse()


@dataclass(frozen=True)
class _Lease:
    """`holder` stands for one stream of work items; `token` is the one by which the base class knows the item."""

    holder: object
    token: str
    item: pb.WorkItem


class Leases(Purges):
    """Gives each work item a token of its own that is good until its stream breaks.

    The base class forgets an activity when it sends it, and waits for ever for a turn or a batch that it has sent.
    Source: https://github.com/Azure/durabletask/wiki/Writing-Task-Activities ("at least once").
    """

    def __init__(self) -> None:
        super().__init__()
        self._leases: dict[str, _Lease] = {}

    def GetWorkItems(self, request: pb.GetWorkItemsRequest, context: grpc.ServicerContext) -> Generator[pb.WorkItem]:
        holder = object()
        try:
            for item in super().GetWorkItems(request, context):
                lease = _Lease(holder, item.completionToken, item)
                item.completionToken = uuid.uuid4().hex
                with self._lock:
                    self._leases[item.completionToken] = lease
                yield item
        finally:
            # gRPC closes the generator as soon as a message cannot be sent; between messages the base class looks.
            if not self._shutdown_event.is_set():
                self._take_back(holder)

    def _take_back(self, holder: object) -> None:
        with self._lock:
            lost = [token for token, lease in self._leases.items() if lease.holder is holder]
            for token in lost:
                self._queue_again(self._leases.pop(token))
        if lost:
            logger.info("A host is gone; its %d unfinished work items are for the next.", len(lost))

    def _queue_again(self, lease: _Lease) -> None:
        item = lease.item
        match item.WhichOneof("request"):
            case "orchestratorRequest":
                turn = pb.AbandonOrchestrationTaskRequest(completionToken=lease.token)
                self.AbandonTaskOrchestratorWorkItem(turn, in_process)
            case "activityRequest":
                self._activity_queue.appendleft(_activity(item.activityRequest, lease.token))
                self._work_available.set()
            case _:
                # Lent before the entity was locked, and so earlier than what the lock holds back.
                if entity := self._entities.get(item.entityRequestV2.instanceId):
                    entity.pending_operations[:0] = self._held.pop(entity.instance_id, [])
                batch = pb.AbandonEntityTaskRequest(completionToken=lease.token)
                self.AbandonTaskEntityWorkItem(batch, in_process)

    def CompleteOrchestratorTask(
        self, request: pb.OrchestratorResponse, context: grpc.ServicerContext
    ) -> pb.CompleteTaskResponse:
        with self._lock:
            return super().CompleteOrchestratorTask(request, context) if self._in_time(request) else TOO_LATE

    def CompleteActivityTask(
        self, request: pb.ActivityResponse, context: grpc.ServicerContext
    ) -> pb.CompleteTaskResponse:
        with self._lock:
            return super().CompleteActivityTask(request, context) if self._in_time(request) else TOO_LATE

    def CompleteEntityTask(
        self, request: pb.EntityBatchResult, context: grpc.ServicerContext
    ) -> pb.CompleteTaskResponse:
        with self._lock:
            return super().CompleteEntityTask(request, context) if self._in_time(request) else TOO_LATE

    def _in_time(self, answer: Answer) -> bool:
        """End the lease, and put the base class's token in the place of its own."""
        lease = self._leases.pop(answer.completionToken, None)
        if lease:
            answer.completionToken = lease.token
        return lease is not None


def _activity(request: pb.ActivityRequest, token: str) -> ActivityWorkItem:
    return ActivityWorkItem(
        instance_id=request.orchestrationInstance.instanceId,
        name=request.name,
        task_id=request.taskId,
        input=request.input.value if request.HasField("input") else None,
        completion_token=int(token),
    )
