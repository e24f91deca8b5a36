"""One page of the durable task hub, with the token of the next. The SDK's own query reads the whole hub.

A page carries the outputs of its instances, asked for or not, and a gRPC message holds 4 MB: pages shrink until they
fit.
"""

import base64
from typing import NamedTuple

import azure.durable_functions as df
import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.client import OrchestrationState, parse_orchestration_state

from triggers.task_hub import TaskHubUnavailable, code_of

TOO_LARGE = grpc.StatusCode.RESOURCE_EXHAUSTED


class HubPage(NamedTuple):
    states: list[OrchestrationState]
    unreadable: OrchestrationState | None
    """An instance that is too large to be received even alone, without its payloads."""
    token: str | None
    """Where the next page begins; None on the last page."""
    size: int
    """How many instances the page could hold and still be received."""


async def hub_page(client: df.DurableFunctionsClient, condition: pb.InstanceQuery) -> HubPage:
    """Return the instances that `condition` finds: as many as it names, or as many fewer as fit into one message.

    Raises `TaskHubUnavailable`. An instance with a status that the SDK does not know is left out: one must not hide
    all others.
    """
    asked = pb.InstanceQuery()
    asked.CopyFrom(condition)
    try:
        while True:
            try:
                page = await _query(client, asked)
                break
            except grpc.RpcError as error:
                if code_of(error) is not TOO_LARGE:
                    raise
                if asked.maxInstanceCount <= 1:
                    return await _pass_over(client, asked)
                asked.maxInstanceCount //= 2
    except grpc.RpcError as error:
        raise TaskHubUnavailable(code_of(error)) from error
    token = page.continuationToken.value
    states = [state for each in page.orchestrationState if (state := _parsed(each))]
    # The SDK, too, takes "0" and the token it came with for the end.
    ended = token in {"", "0", condition.continuationToken.value}
    return HubPage(states, None, None if ended else token, asked.maxInstanceCount)


async def _pass_over(client: df.DurableFunctionsClient, condition: pb.InstanceQuery) -> HubPage:
    """Return the one instance that `condition` begins with, as far as it can be read, and the token behind it.

    The hub names it in the token of a page of no instance. Azure Storage's token is base64 of an id, and its list goes
    on with the first id that is not less. A token that is no such id is not guessed at.
    """
    none = pb.InstanceQuery()
    none.CopyFrom(condition)
    none.maxInstanceCount = 0
    instance_id = _id_in((await _query(client, none)).continuationToken.value)
    bare = await client.get_orchestration_state(instance_id, fetch_payloads=False) if instance_id else None
    if bare is None:
        raise TaskHubUnavailable(TOO_LARGE)
    # No key of Azure Storage holds a control character, so no id lies between an id and the same with a blank.
    # https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
    token = base64.b64encode(f"{instance_id} ".encode()).decode()
    return HubPage([], bare, token, 1)


def _id_in(token: str) -> str | None:
    try:
        return base64.b64decode(token, validate=True).decode() or None
    except ValueError:
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
