"""The instances of the task hub, page by page. The SDK's own query reads the whole hub, and one bad instance breaks it.

A page always has the outputs of its instances, and a gRPC message holds 4 MB. So the pages shrink until they fit.
"""

import base64
from collections.abc import AsyncIterator

import azure.durable_functions as df
import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.client import OrchestrationState, parse_orchestration_state

from alert_refresh.hub.client import HubUnavailable, MessageTooLarge, call_hub

PAGE_SIZE = 100


class Unreadable(str):
    """The id of an instance that is too large to be received, even alone."""

    __slots__ = ()


async def read_instances(
    client: df.DurableFunctionsClient, condition: pb.InstanceQuery
) -> AsyncIterator[OrchestrationState | Unreadable]:
    """Yield the instances that match `condition`, in the hub's order. Raises `HubUnavailable`.

    An instance with a status that the SDK does not know is left out.
    """
    size, token = PAGE_SIZE, ""
    while True:
        try:
            page = await _query(client, condition, size, token)
        except MessageTooLarge:
            if size > 1:
                size //= 2
                continue
            instance_id = await _find_next_id(client, condition, token)
            yield Unreadable(instance_id)
            # No key of Azure Storage has a control character, so no id is between an id and the same id with a blank.
            # https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
            token = base64.b64encode(f"{instance_id} ".encode()).decode()
            continue
        for state in page.orchestrationState:
            if (parsed := _parse(state)) is not None:
                yield parsed
        following = page.continuationToken.value
        # The SDK, too, takes "0", and a token that is the same as before, for the end.
        if following in {"", "0", token}:
            return
        token, size = following, min(PAGE_SIZE, size * 2)


async def _find_next_id(client: df.DurableFunctionsClient, condition: pb.InstanceQuery, token: str) -> str:
    """Return the id of the first instance after `token`. The hub names it in the token of a page without instances.

    In Azure Storage a token is an id in base64, and the list goes on with the first id that is not smaller.
    """
    page = await _query(client, condition, 0, token)
    try:
        instance_id = base64.b64decode(page.continuationToken.value, validate=True).decode()
    except ValueError:
        instance_id = ""
    if not instance_id:
        raise HubUnavailable("one instance is too large to be received, and its id is not known")
    return instance_id


async def _query(
    client: df.DurableFunctionsClient, condition: pb.InstanceQuery, size: int, token: str
) -> pb.QueryInstancesResponse:
    query = pb.InstanceQuery()
    query.CopyFrom(condition)
    query.maxInstanceCount = size
    if token:
        query.continuationToken.value = token
    # The only private access: the public client has no call with a continuation token.
    # https://github.com/microsoft/durabletask-python/blob/main/durabletask/client.py (get_all_orchestration_states)
    stub = client._get_stub()  # noqa: SLF001
    page: pb.QueryInstancesResponse = await call_hub(stub.QueryInstances(pb.QueryInstancesRequest(query=query)))
    return page


def _parse(state: pb.OrchestrationState) -> OrchestrationState | None:
    try:
        return parse_orchestration_state(state)
    except ValueError:
        # A status that the SDK does not know. With Azure Storage, the rest of a purged instance has -1.
        return None
