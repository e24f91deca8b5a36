"""One look at Graph: the GET, and whatever came of it as an observation."""

import uuid
from typing import Literal

from domain.observation import Observation
from graph.connection import graph
from graph.errors import GraphError
from graph.trouble import observed_trouble


async def look(url: str, kind: Literal["operation", "alert"]) -> Observation:
    """GET `url` and return the `kind` found there, "try again", or a problem. Raises for a fault of this app only."""
    client_request_id = str(uuid.uuid4())
    try:
        answer = await (await graph()).get(url, client_request_id)
    except GraphError as error:
        return observed_trouble(error, kind, client_request_id)
    found: Observation = {"kind": kind, "retryAfter": answer.retry_after, "clientRequestId": client_request_id}
    if kind == "operation":
        found["operation"] = answer.body
    else:
        found["alert"] = answer.body
    return found
