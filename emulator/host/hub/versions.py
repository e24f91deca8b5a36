"""Which versions of orchestrations the app runs."""

# ruff: noqa: N802 -- the method names are the gRPC service's
import logging
import re
from collections.abc import Generator

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.testing.in_memory_backend import OrchestrationInstance

from emulator.host.hub.options import VersionFailure, VersionMatch
from emulator.host.hub.starts import Starts

logger = logging.getLogger("host.hub")

MISMATCH = pb.TaskFailureDetails(
    errorType="VersionMismatch",
    errorMessage="Orchestration version did not comply with Worker Versioning",
    isNonRetriable=True,
)
MOST_PARTS = 4


class Versions(Starts):
    """Gives the app's version to what is started without one, and keeps from the app what it must not run.

    A sub-orchestration has the version that its parent names, and else none.
    Source: https://github.com/Azure/durabletask/blob/main/src/DurableTask.Core/TaskOrchestrationDispatcher.cs.
    """

    def StartInstance(
        self, request: pb.CreateInstanceRequest, context: grpc.ServicerContext
    ) -> pb.CreateInstanceResponse:
        if not request.version.value and self.options.default_version:
            request.version.value = self.options.default_version
        return super().StartInstance(request, context)

    def GetWorkItems(self, request: pb.GetWorkItemsRequest, context: grpc.ServicerContext) -> Generator[pb.WorkItem]:
        for item in super().GetWorkItems(request, context):
            if item.HasField("orchestratorRequest") and not self._matches(item.orchestratorRequest.instanceId):
                self._refuse(item, context)
            else:
                yield item

    def QueryInstances(
        self, request: pb.QueryInstancesRequest, context: grpc.ServicerContext
    ) -> pb.QueryInstancesResponse:
        with self._lock:
            page = super().QueryInstances(request, context)
            for state in page.orchestrationState:
                state.version.value = self._instances[state.instanceId].version or ""
        return page

    def _build_instance_response(
        self,
        instance: OrchestrationInstance,
        include_payloads: bool,  # noqa: FBT001 -- the base class passes it by position
    ) -> pb.GetInstanceResponse:
        response = super()._build_instance_response(instance, include_payloads)
        if instance.version:
            response.orchestrationState.version.value = instance.version
        return response

    def _matches(self, instance_id: str) -> bool:
        with self._lock:
            instance = self._instances.get(instance_id)
            version = instance.version or "" if instance else ""
        match self.options.version_match:
            case VersionMatch.STRICT:
                return version == self.options.default_version
            case VersionMatch.CURRENT_OR_OLDER:
                return compare_versions(version, self.options.default_version) <= 0
            case _:
                return True

    def _refuse(self, item: pb.WorkItem, context: grpc.ServicerContext) -> None:
        """Fail the instance, or leave it as it is: the turn that was lent to nobody keeps every later one away."""
        instance_id = item.orchestratorRequest.instanceId
        logger.warning("%s: its version is not one that host.json lets the app run.", instance_id)
        if self.options.version_failure is VersionFailure.FAIL:
            end = pb.CompleteOrchestrationAction(
                orchestrationStatus=pb.ORCHESTRATION_STATUS_FAILED, failureDetails=MISMATCH
            )
            actions = [pb.OrchestratorAction(id=-1, completeOrchestration=end)]
            response = pb.OrchestratorResponse(
                instanceId=instance_id, actions=actions, completionToken=item.completionToken
            )
            super().CompleteOrchestratorTask(response, context)


def compare_versions(one: str, other: str) -> int:
    """Return a negative number, 0 or a positive one as `one` is older than, equal to or newer than `other`.

    Source: https://github.com/Azure/durabletask/blob/main/src/DurableTask.Core/Settings/VersioningSettings.cs. A part
    that .NET's `Version` does not have counts as -1, so "1.0.0" is newer than "1.0".
    """
    if not one.strip() or not other.strip():
        return bool(one.strip()) - bool(other.strip())
    numbers = _parts(one), _parts(other)
    if numbers[0] and numbers[1]:
        return (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])
    return (one.upper() > other.upper()) - (one.upper() < other.upper())


def _parts(version: str) -> list[int]:
    """Return the four numbers of a .NET `Version`; none when it is no such version."""
    if not re.fullmatch(r"\s*\d+(\.\d+){1,3}\s*", version, re.ASCII):
        return []
    parts = [int(part) for part in version.split(".")]
    return parts + [-1] * (MOST_PARTS - len(parts))
