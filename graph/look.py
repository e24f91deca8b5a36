"""One look at Graph: the GET, and what was found there as an observation."""

from typing import Any, Literal

from domain.observation import Observation, Page
from domain.timestamps import format_timestamp
from graph.client import GraphClient
from graph.errors import AnswerUnreadable
from graph.links import next_link
from graph.observed import observed


async def look(url: str, kind: Literal["operation", "alert"]) -> Observation:
    """GET `url` and return the `kind` found there, "try again", or a problem. Raises for a fault of this app only."""

    async def get(client: GraphClient, client_request_id: str) -> Observation:
        answer = await client.get(url, client_request_id)
        found: Observation = {"kind": kind, "retryAfter": answer.retry_after, "clientRequestId": client_request_id}
        if kind == "operation":
            found["operation"] = answer.body
            if answer.date is not None:
                found["answeredAt"] = format_timestamp(answer.date)
        else:
            found["alert"] = answer.body
        return found

    return await observed(kind, get)


async def look_at_page(first: str, link: str | None, kind: Literal["alerts", "incidents"]) -> Observation:
    """GET the page at `link` of the list of `kind` that begins at `first`, or its first page; as `look` does."""

    async def get(client: GraphClient, client_request_id: str) -> Observation:
        # Checked again: what comes out of the history went in as server data.
        url = first if link is None else next_link(first, link)
        answer = await client.get(url, client_request_id)
        page = _page(answer.body, url)
        return {"kind": kind, "page": page, "retryAfter": answer.retry_after, "clientRequestId": client_request_id}

    return await observed(kind, get)


def _page(body: dict[str, Any], url: str) -> Page:
    """Return the page that `body`, found at `url`, is. Raises `AnswerUnreadable`, `UntrustedUrl`."""
    value, link = body.get("value"), body.get("@odata.nextLink")
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise AnswerUnreadable("the answer is not a page of a list")
    if not isinstance(link, str | None):
        raise AnswerUnreadable("the @odata.nextLink of the page is not a string")
    following = next_link(url, link) if link else None
    if following == url:
        raise AnswerUnreadable("the page names itself as the next one")
    return {"value": value, "nextLink": following}
