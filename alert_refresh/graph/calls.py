"""The refresh and the poll: one request each. Each returns an observation."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Literal

from alert_refresh.graph import urls
from alert_refresh.graph.client import Answer, GraphClient, open_client
from alert_refresh.graph.errors import Call, GraphError, UntrustedUrl, describe_fault
from alert_refresh.problems import REFRESH_DISABLED
from alert_refresh.run.observations import Observation
from alert_refresh.settings import InvalidSettings, settings
from alert_refresh.timestamps import format_timestamp


async def refresh(alert_id: str | None) -> Observation:
    """POST the refresh of one alert, or of all, and return `refreshed` or a fault.

    https://learn.microsoft.com/graph/api/unifiedrolemanagementalert-refresh?view=graph-rest-beta
    """

    async def request(client: GraphClient) -> Observation:
        base_url = settings().graph_base_url
        if not settings().refresh_enabled:
            return {"kind": "fault", "problem": REFRESH_DISABLED, "retryAfter": None}
        whole_id = None if alert_id is None else await resolve_alert_id(client, alert_id)
        body = urls.SCOPE if whole_id is None else None
        answer = await client.send("POST", urls.make_refresh_url(base_url, whole_id), body)
        location = answer.headers.get("Location", "")
        try:
            operation_id = urls.parse_operation_url(base_url, location)
        except UntrustedUrl as error:
            raise UntrustedUrl(
                "Graph accepted the refresh, but the Location of its answer is not the URL of an operation: "
                f"{error if location else 'there is none'}. The alert is being scanned all the same",
                answer.retry_after,
                answer.client_request_id,
            ) from error
        observation = make_observation("refreshed", answer)
        if answer.date is not None:
            observation["askedAt"] = format_timestamp(answer.date - timedelta(seconds=answer.seconds))
        return {**observation, "operationId": operation_id}

    return await observe("refresh", request)


async def get_operation(operation_id: str) -> Observation:
    """GET the operation, and return `operation` or a fault.

    https://learn.microsoft.com/graph/api/longrunningoperation-get?view=graph-rest-beta
    """

    async def request(client: GraphClient) -> Observation:
        answer = await client.send("GET", urls.make_operation_url(settings().graph_base_url, operation_id))
        return {
            **make_observation("operation", answer),
            "operation": answer.body,
            "locationRefused": _is_refused(answer.body.get("resourceLocation")),
        }

    return await observe("operation", request)


async def observe(call: Call, request: Callable[[GraphClient], Awaitable[Observation]]) -> Observation:
    """Return what `request` returns, or the fault that it meets. Only a bug of this app raises."""
    try:
        return await request(await open_client())
    except (GraphError, InvalidSettings) as error:
        return describe_fault(error, call)


async def resolve_alert_id(client: GraphClient, alert_id: str) -> str:
    """Return `alert_id`; for a short name, the id in the tenant of the app's identity. Raises `IdentityError`."""
    name = urls.find_alert_name(alert_id)
    return alert_id if name is None else f"DirectoryRole_{await client.tokens.find_tenant()}_{name}"


def make_observation(kind: Literal["refreshed", "operation", "alert", "alerts"], answer: Answer) -> Observation:
    """Return the observation `kind` with the members that every answer has; the caller adds the rest."""
    return {
        "kind": kind,
        "answeredAt": None if answer.date is None else format_timestamp(answer.date),
        "retryAfter": answer.retry_after,
        "clientRequestId": answer.client_request_id,
    }


def _is_refused(location: object) -> bool:
    """Tell whether `location`, the resourceLocation of an operation, is a URL that is not followed."""
    base_url = settings().graph_base_url
    try:
        return isinstance(location, str) and location != "" and not urls.parse_alert_url(base_url, location)
    except UntrustedUrl:
        return True
