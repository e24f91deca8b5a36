"""What a host asks of its task hub, wherever that is."""

# ruff: noqa: N802 -- the methods are those of the gRPC service
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from typing import Protocol

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc


class HubRefusedError(Exception):
    """The hub refused a call; `code` is the gRPC status."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self.code = code


class HubService(Protocol):
    """The part of durabletask's `TaskHubSidecarService` that a host uses. Calls raise `HubRefusedError`."""

    async def StartInstance(self, request: pb.CreateInstanceRequest) -> pb.CreateInstanceResponse: ...
    async def GetInstance(self, request: pb.GetInstanceRequest) -> pb.GetInstanceResponse: ...
    async def QueryInstances(self, request: pb.QueryInstancesRequest) -> pb.QueryInstancesResponse: ...
    async def RaiseEvent(self, request: pb.RaiseEventRequest) -> pb.RaiseEventResponse: ...
    async def TerminateInstance(self, request: pb.TerminateRequest) -> pb.TerminateResponse: ...
    async def SuspendInstance(self, request: pb.SuspendRequest) -> pb.SuspendResponse: ...
    async def ResumeInstance(self, request: pb.ResumeRequest) -> pb.ResumeResponse: ...
    async def RewindInstance(self, request: pb.RewindInstanceRequest) -> pb.RewindInstanceResponse: ...
    async def PurgeInstances(self, request: pb.PurgeInstancesRequest) -> pb.PurgeInstancesResponse: ...
    def StreamInstanceHistory(self, request: pb.StreamInstanceHistoryRequest) -> AsyncIterator[pb.HistoryChunk]: ...

    async def SignalEntity(self, request: pb.SignalEntityRequest) -> pb.SignalEntityResponse: ...
    async def GetEntity(self, request: pb.GetEntityRequest) -> pb.GetEntityResponse: ...
    async def QueryEntities(self, request: pb.QueryEntitiesRequest) -> pb.QueryEntitiesResponse: ...

    async def CompleteOrchestratorTask(self, request: pb.OrchestratorResponse) -> pb.CompleteTaskResponse: ...
    async def CompleteActivityTask(self, request: pb.ActivityResponse) -> pb.CompleteTaskResponse: ...
    async def CompleteEntityTask(self, request: pb.EntityBatchResult) -> pb.CompleteTaskResponse: ...


class Hub(ABC):
    """A host's way to its task hub."""

    service: HubService

    @abstractmethod
    async def start(self) -> str:
        """Open it and return the gRPC address for the app's durable clients."""

    @abstractmethod
    def fetch(self, accept: Callable[[pb.WorkItem], None]) -> None:
        """Let `accept` be called on the event loop with each work item, until the hub is stopped."""

    @abstractmethod
    async def stop(self) -> None:
        """Close it. Another host gets the work that was fetched and is not complete, if the hub lives on."""
