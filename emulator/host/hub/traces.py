"""An instance belongs to the trace that its start was part of, and so does all that it starts."""

# ruff: noqa: N802 -- the method names are the gRPC service's
from collections.abc import Generator

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc

from emulator.host.hub.families import Families


class Traces(Families):
    """Remembers the trace context that the base class drops.

    Source: azure-functions-durable-extension TaskHubGrpcServer.cs, StartInstance; durabletask-python worker.py, which
    gives an activity and a child the context of the orchestration.
    """

    def __init__(self) -> None:
        super().__init__()
        self._traces: dict[str, pb.TraceContext] = {}

    def StartInstance(
        self, request: pb.CreateInstanceRequest, context: grpc.ServicerContext
    ) -> pb.CreateInstanceResponse:
        with self._lock:
            response = super().StartInstance(request, context)
            self._traces[response.instanceId] = request.parentTraceContext
            self._mark(response.instanceId)
        return response

    def _watch_sub_orchestration(self, parent_instance_id: str, sub_instance_id: str, task_id: int) -> None:
        super()._watch_sub_orchestration(parent_instance_id, sub_instance_id, task_id)
        self._traces[sub_instance_id] = self._traces.get(parent_instance_id, pb.TraceContext())
        self._mark(sub_instance_id)

    def _begin_execution(self, instance_id: str) -> None:
        super()._begin_execution(instance_id)
        self._mark(instance_id)

    def _mark(self, instance_id: str) -> None:
        for event in self._instances[instance_id].pending_events:
            if event.HasField("executionStarted") and (trace := self._traces.get(instance_id)):
                event.executionStarted.parentTraceContext.CopyFrom(trace)

    def GetWorkItems(self, request: pb.GetWorkItemsRequest, context: grpc.ServicerContext) -> Generator[pb.WorkItem]:
        for item in super().GetWorkItems(request, context):
            activity = item.activityRequest
            if item.HasField("activityRequest") and (
                trace := self._traces.get(activity.orchestrationInstance.instanceId)
            ):
                activity.parentTraceContext.CopyFrom(trace)
            yield item
