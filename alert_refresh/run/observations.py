"""The input of an activity, and what it observes. The durable history keeps both, as plain JSON.

"Still running", 429, 503, 403 and 404 are values, not exceptions: the Functions host turns an exception into text, and
the type in that text cannot be trusted (OutOfProcMiddleware.cs in azure-functions-durable-extension).
"""

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, Literal, NotRequired, TypedDict

from alert_refresh.problems import Problem


class RefreshRequest(TypedDict):
    """Input of the activity `refresh_alert`."""

    alertId: str | None
    """None for all alerts."""


class OperationRequest(TypedDict):
    """Input of the activity `get_operation`."""

    operationId: str


class FetchRequest(TypedDict):
    """Input of the activity `fetch_alert`: exactly one of `alertId`, `allAlerts` and `resourceLocation` says which."""

    alertId: NotRequired[str]
    allAlerts: NotRequired[Literal[True]]
    resourceLocation: NotRequired[str]
    """The URL of the alert, from the operation. It comes from the server, so `fetch_alert` checks it."""
    select: list[str]
    expand: list[str]
    limit: int
    """Bytes of ASCII JSON that all incidents together may take."""


type Request = RefreshRequest | OperationRequest | FetchRequest


class IncidentsCut(TypedDict):
    """An alert of which not all incidents are kept, as openapi.yaml describes it."""

    alertId: str
    returned: int
    count: int | None
    url: str


class Observation(TypedDict):
    """What one logical call to Graph gave.

    `refreshed`: the refresh was accepted. `operation`: the operation. `alert`, `alerts`: the alert, or all alerts.
    `fault`: a problem; the machine decides whether waiting helps. `nothing`: there was no request.
    """

    kind: Literal["refreshed", "operation", "alert", "alerts", "fault", "nothing"]
    operationId: NotRequired[str]
    """Of `refreshed`: the operation to poll."""
    askedAt: NotRequired[str]
    """Of `refreshed`: when the refresh was sent, at the earliest, on Graph's clock."""
    answeredAt: NotRequired[str | None]
    """The answer's `Date`, on Graph's clock."""
    operation: NotRequired[dict[str, Any]]
    """The operation as Graph sent it."""
    locationRefused: NotRequired[bool]
    """Of `operation`: its resourceLocation is not the URL of an alert in Graph."""
    alerts: NotRequired[list[dict[str, Any]]]
    """Of `alert` (one) and `alerts` (all): as Graph sent them, with the incidents that fit."""
    incidentsCut: NotRequired[list[IncidentsCut]]
    problem: NotRequired[Problem]
    retryAfter: NotRequired[float | None]
    """Graph wants no other request within these seconds, with any status; None when it did not say."""
    clientRequestId: NotRequired[str]


NOTHING: Observation = {"kind": "nothing"}

INCIDENTS = "alertIncidents"


def list_incidents(alert: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the incidents that came with the alert; None when they were not expanded.

    An incident that is not an object is left out: nobody can show or compare it.
    """
    incidents = alert.get(INCIDENTS)
    if not isinstance(incidents, list):
        return None
    return [incident for incident in incidents if isinstance(incident, dict)]


def count_incidents(alert: Mapping[str, Any]) -> int | None:
    """Return how many incidents the alert has, by its `incidentCount`; None when Graph sent none."""
    count = alert.get("incidentCount")
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def measure(document: Any) -> int:
    """Return the bytes of `document` as the durable history stores it: JSON in ASCII."""
    return len(json.dumps(document, separators=(",", ":")))


def fit_incidents(alerts: Sequence[Mapping[str, Any]], limit: int) -> list[int]:
    """Return how many incidents of each alert fit into `limit` bytes together, the smallest alerts first.

    An alert without expanded incidents has 0.
    """
    sizes = [[measure(incident) + 1 for incident in list_incidents(alert) or []] for alert in alerts]
    kept = [0] * len(alerts)
    for place in sorted(range(len(alerts)), key=lambda place: sum(sizes[place])):
        # After one that does not fit, none is kept: the list would have a hole.
        sums = list(accumulate(sizes[place], initial=0))
        kept[place] = bisect_right(sums, limit) - 1
        limit -= sums[kept[place]]
    return kept
