"""One page of the durable task hub, with the token of the next. The SDK's own query reads the whole hub."""

import azure.durable_functions as df
import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.client import OrchestrationState, parse_orchestration_state

from triggers.task_hub import TaskHubUnavailable, code_of


async def hub_page(
    client: df.DurableFunctionsClient, condition: pb.InstanceQuery
) -> tuple[list[OrchestrationState], str | None]:
    """Return the instances that `condition` finds, and the hub's token; None on the last page.

    Raises `TaskHubUnavailable`. An instance that cannot be read is left out: one must not hide all others.
    """
    try:
        page, states = await _together(client, condition)
    except grpc.RpcError as error:
        raise TaskHubUnavailable(code_of(error)) from error
    token = page.continuationToken.value
    # The SDK, too, takes "0" and the token it came with for the end.
    return states, None if token in {"", "0", condition.continuationToken.value} else token


async def _together(
    client: df.DurableFunctionsClient, condition: pb.InstanceQuery
) -> tuple[pb.QueryInstancesResponse, list[OrchestrationState]]:
    try:
        page = await _query(client, condition)
    except grpc.RpcError as error:
        if code_of(error) is not grpc.StatusCode.RESOURCE_EXHAUSTED:
            raise
        # With their outputs, alerts of megabytes, the instances do not fit into one gRPC message.
        return await _one_by_one(client, condition)
    return page, [state for each in page.orchestrationState if (state := _parsed(each))]


async def _one_by_one(
    client: df.DurableFunctionsClient, condition: pb.InstanceQuery
) -> tuple[pb.QueryInstancesResponse, list[OrchestrationState]]:
    bare = pb.InstanceQuery()
    bare.CopyFrom(condition)
    bare.fetchInputsAndOutputs = False
    page = await _query(client, bare)
    read = [await _alone(client, each.instanceId) for each in page.orchestrationState]
    return page, [state for state in read if state]


async def _alone(client: df.DurableFunctionsClient, instance_id: str) -> OrchestrationState | None:
    try:
        return await client.get_orchestration_state(instance_id)
    except ValueError:
        return None
    except grpc.RpcError as error:
        if code_of(error) is not grpc.StatusCode.RESOURCE_EXHAUSTED:
            raise
        return None


async def _query(client: df.DurableFunctionsClient, condition: pb.InstanceQuery) -> pb.QueryInstancesResponse:
    # The one private access: AsyncTaskHubGrpcClient keeps the stub, and with it every token, to itself.
    # https://github.com/microsoft/durabletask-python/blob/main/durabletask/client.py (get_all_orchestration_states)
    stub = client._get_stub()  # noqa: SLF001
    return await stub.QueryInstances(pb.QueryInstancesRequest(query=condition))


def _parsed(state: pb.OrchestrationState) -> OrchestrationState | None:
    try:
        return parse_orchestration_state(state)
    except ValueError:
        # A status that the SDK does not know. Azure Storage gives -1 to what is left of a purged instance.
        return None
