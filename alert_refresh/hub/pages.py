"""The instances of the task hub, page by page. The SDK's own query reads the whole hub, and fails on one bad instance."""

from collections.abc import AsyncIterator

import azure.durable_functions as df
import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.client import OrchestrationState, parse_orchestration_state

from alert_refresh.hub.client import HubUnavailable, MessageTooLarge, call_hub

PAGE_SIZE = 100


async def read_instances(
    client: df.DurableFunctionsClient, condition: pb.InstanceQuery
) -> AsyncIterator[OrchestrationState]:
    """Yield the instances that `condition` finds, in the hub's order. Raises `HubUnavailable`.

    The hub sends outputs even when nobody asks for payloads, so a page of large results may not fit into one gRPC
    message: the page is halved then, down to one instance. One that does not fit alone stops the list with an error
    that says so; the limits of this app's results keep every run far below that.
    """
    size, token = PAGE_SIZE, ""
    while True:
        condition.maxInstanceCount = size
        if token:
            condition.continuationToken.value = token
        # The one private access: the client keeps the stub, and with it every token, to itself.
        # https://github.com/microsoft/durabletask-python/blob/main/durabletask/client.py (get_all_orchestration_states)
        stub = client._get_stub()  # noqa: SLF001
        try:
            page = await call_hub(stub.QueryInstances(pb.QueryInstancesRequest(query=condition)))
        except MessageTooLarge as error:
            if size == 1:
                raise HubUnavailable("one instance is too large to be received") from error
            size //= 2
            continue
        for state in page.orchestrationState:
            if (parsed := _parse(state)) is not None:
                yield parsed
        following = page.continuationToken.value
        # The SDK, too, takes "0" and the token that it sent for the end.
        if following in {"", "0", token}:
            return
        token, size = following, min(PAGE_SIZE, size * 2)


def _parse(state: pb.OrchestrationState) -> OrchestrationState | None:
    try:
        return parse_orchestration_state(state)
    except ValueError:
        # A status that the SDK does not know. Azure Storage gives -1 to what is left of a purged instance.
        return None
