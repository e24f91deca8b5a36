"""One refresh: the POST, and the operation that it began as an observation."""

from collections.abc import Mapping

from domain.observation import Observation
from domain.timestamps import format_timestamp
from graph.client import GraphClient
from graph.links import operation_id_in
from graph.observed import observed


async def refresh(base_url: str, url: str, body: Mapping[str, str] | None = None) -> Observation:
    """POST to the action `url` under `base_url`, and return where its end is to be waited for; or as `look` does."""

    async def post(client: GraphClient, client_request_id: str) -> Observation:
        accepted = await client.post(url, client_request_id, body)
        return {
            "kind": "refreshed",
            "refreshed": {
                "operationId": operation_id_in(base_url, url, accepted.location),
                "requestedAt": format_timestamp(accepted.date),
            },
            "retryAfter": accepted.retry_after,
            "clientRequestId": client_request_id,
        }

    return await observed("refresh", post)
