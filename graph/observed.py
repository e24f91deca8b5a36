"""One request to Graph, and whatever came of it as an observation."""

import uuid
from collections.abc import Awaitable, Callable

from domain.observation import Observation
from graph.client import GraphClient
from graph.connection import graph
from graph.errors import GraphError
from graph.refusals import Call
from graph.trouble import observed_trouble


async def observed(call: Call, request: Callable[[GraphClient, str], Awaitable[Observation]]) -> Observation:
    """Return what `request` returns, given the client and a client-request-id; or "try again", or a problem.

    Raises for a fault of this app only.
    """
    client_request_id = str(uuid.uuid4())
    try:
        return await request(await graph(), client_request_id)
    except GraphError as error:
        return observed_trouble(error, call, client_request_id)
