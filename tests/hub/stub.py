"""The gRPC stub of a task hub that answers as the real one was seen to: ids in ordinal order, outputs sent."""

# ruff: noqa: N802 -- the method names are the gRPC service's
import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc

from alert_refresh.run.state import Run, dump_run, load_run

LIMIT = 4_000
"""Bytes of output that one message carries here."""
PENDING, RUNNING = pb.ORCHESTRATION_STATUS_PENDING, pb.ORCHESTRATION_STATUS_RUNNING
COMPLETED, FAILED = pb.ORCHESTRATION_STATUS_COMPLETED, pb.ORCHESTRATION_STATUS_FAILED
TERMINATED = pb.ORCHESTRATION_STATUS_TERMINATED
ENDED = {COMPLETED, FAILED, TERMINATED}


class Refused(grpc.RpcError):
    """What a stub raises: an error that is a call, too, and so has a code."""

    def __init__(self, code: grpc.StatusCode) -> None:
        super().__init__(code.name)
        self._code = code

    def code(self) -> grpc.StatusCode:
        return self._code


class HubStub:
    """`refuse` can refuse a call by the name of its method; `before` happens before one."""

    def __init__(self) -> None:
        self.instances: dict[str, pb.OrchestrationState] = {}
        self.requests: list[Any] = []
        self.refuse: Callable[[str], grpc.StatusCode | None] = lambda _: None
        self.before: dict[str, Callable[[], None]] = {}
        self.stands_still = False

    def put(  # noqa: PLR0913 - what a test may want of an instance
        self,
        run: Run,
        status: int = RUNNING,
        *,
        created: datetime | None = None,
        output: Any = None,
        custom_status: Any = None,
        name: str = "await_alert",
        instance_id: str | None = None,
    ) -> None:
        """Keep `run` as an instance. `created` is the hub's own time of creation."""
        state = pb.OrchestrationState(instanceId=instance_id or run.id, name=name, orchestrationStatus=status)  # type: ignore[arg-type]
        state.createdTimestamp.FromDatetime(created or run.wish.created_at)
        state.lastUpdatedTimestamp.FromDatetime(created or run.wish.created_at)
        state.input.value = json.dumps(dump_run(run))
        if output is not None:
            state.output.value = json.dumps(output)
        if custom_status is not None:
            state.customStatus.value = json.dumps(custom_status)
        self.instances[state.instanceId] = state

    def _note(self, method: str, request: Any) -> None:
        self.requests.append(request)
        self.before.pop(method, lambda: None)()
        if (code := self.refuse(method)) is not None:
            raise Refused(code)

    async def StartInstance(self, request: pb.CreateInstanceRequest) -> pb.CreateInstanceResponse:
        self._note("start", request)
        current = self.instances.get(request.instanceId)
        if current is not None and current.orchestrationStatus not in ENDED:
            raise Refused(grpc.StatusCode.ALREADY_EXISTS)
        # Of two starts at one moment both are accepted, and the input of the last one runs.
        self.put(load_run(json.loads(request.input.value)), PENDING, name=request.name)
        self.before.pop("started", lambda: None)()
        return pb.CreateInstanceResponse(instanceId=request.instanceId)

    async def GetInstance(self, request: pb.GetInstanceRequest) -> pb.GetInstanceResponse:
        self._note("get", request)
        found = self.instances.get(request.instanceId)
        if found is None:
            return pb.GetInstanceResponse(exists=False)
        state = pb.OrchestrationState()
        state.CopyFrom(found)
        if not request.getInputsAndOutputs:
            for field in ("input", "output", "customStatus"):
                state.ClearField(field)
        if len(state.output.value) > LIMIT:
            raise Refused(grpc.StatusCode.RESOURCE_EXHAUSTED)
        return pb.GetInstanceResponse(exists=True, orchestrationState=state)

    async def WaitForInstanceCompletion(self, request: pb.GetInstanceRequest, **_: Any) -> pb.GetInstanceResponse:
        self._note("wait", request)
        if self.instances[request.instanceId].orchestrationStatus not in ENDED:
            raise Refused(grpc.StatusCode.DEADLINE_EXCEEDED)
        return pb.GetInstanceResponse(exists=True, orchestrationState=self.instances[request.instanceId])

    async def RaiseEvent(self, request: pb.RaiseEventRequest) -> pb.RaiseEventResponse:
        self._note("event", request)
        if request.instanceId not in self.instances:
            raise Refused(grpc.StatusCode.NOT_FOUND)
        if self.instances[request.instanceId].orchestrationStatus in ENDED:
            raise Refused(grpc.StatusCode.FAILED_PRECONDITION)
        return pb.RaiseEventResponse()

    async def SignalEntity(self, request: pb.SignalEntityRequest) -> pb.SignalEntityResponse:
        self._note("signal", request)
        return pb.SignalEntityResponse()

    async def TerminateInstance(self, request: pb.TerminateRequest) -> pb.TerminateResponse:
        self._note("terminate", request)
        if request.instanceId not in self.instances:
            raise Refused(grpc.StatusCode.NOT_FOUND)
        # A hub whose app does not run keeps the request, and the instance stays as it is.
        if not self.stands_still:
            self.instances[request.instanceId].orchestrationStatus = TERMINATED
        return pb.TerminateResponse()

    async def QueryInstances(self, request: pb.QueryInstancesRequest) -> pb.QueryInstancesResponse:
        self._note("query", request)
        query = request.query
        begin = base64.b64decode(query.continuationToken.value).decode()
        since, until = query.createdTimeFrom.ToDatetime(UTC), query.createdTimeTo.ToDatetime(UTC)
        found = [
            state
            for instance_id, state in sorted(self.instances.items())
            if instance_id >= begin
            and since <= state.createdTimestamp.ToDatetime(UTC)
            and (not query.HasField("createdTimeTo") or state.createdTimestamp.ToDatetime(UTC) <= until)
            and (not query.runtimeStatus or state.orchestrationStatus in query.runtimeStatus)
        ]
        page = pb.QueryInstancesResponse(orchestrationState=found[: query.maxInstanceCount])
        if rest := found[query.maxInstanceCount :]:
            page.continuationToken.value = base64.b64encode(rest[0].instanceId.encode()).decode()
        if sum(len(state.output.value) for state in page.orchestrationState) > LIMIT:
            raise Refused(grpc.StatusCode.RESOURCE_EXHAUSTED)
        return page

    async def PurgeInstances(self, request: pb.PurgeInstancesRequest) -> pb.PurgeInstancesResponse:
        self._note("purge", request)
        return pb.PurgeInstancesResponse(deletedInstanceCount=1)
