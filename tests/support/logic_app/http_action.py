"""The HTTP action with its asynchronous pattern.

https://learn.microsoft.com/azure/logic-apps/logic-apps-create-api-app#async-pattern
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from yarl import URL

from tests.support.logic_app.requests import Answer, Sender

POLL_SECONDS = 20.0
"""Between two looks, unless `Retry-After` says."""


async def send_and_follow(sender: Sender, inputs: Mapping[str, Any]) -> Answer:
    """Send the request; while the answer is 202, ask its `Location`, and return the first that is something else.

    No header of the first request goes along: whether the real action repeats them is not documented, so that a
    definition must not need it. A `Location` that is not absolute is not followed.
    """
    # `queries` takes the place of the query in the URI: https://github.com/Azure/logicapps/issues/624
    queries = inputs.get("queries")
    uri = inputs["uri"].partition("?")[0] + f"?{urlencode(queries)}" if queries else inputs["uri"]
    answer = await sender.send(inputs["method"], uri, inputs.get("headers", {}), inputs.get("body"))
    while answer.status == HTTPStatus.ACCEPTED and (location := _absolute(answer.headers.get("Location"))):
        await sender.sleep(_retry_after(answer.headers.get("Retry-After")))
        answer = await sender.send("GET", location)
    return answer


def _absolute(location: str | None) -> str | None:
    return location if location and URL(location, encoded=True).absolute else None


def _retry_after(header: str | None) -> float:
    return float(header) if header and header.isdecimal() else POLL_SECONDS
