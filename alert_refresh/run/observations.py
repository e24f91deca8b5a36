"""What an activity is asked and what it observes. The durable history keeps both: plain JSON.

"Still running", 429, 503, 403 and 404 are values, not exceptions: the Functions host passes exceptions on as text whose
type cannot be trusted (OutOfProcMiddleware.cs in azure-functions-durable-extension).
"""

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
    """Where an operation says that its alert is: server data, to be checked."""
    select: list[str]
    expand: list[str]
    limit: int
    """Bytes of ASCII JSON that all incidents together may take."""


type Request = RefreshRequest | OperationRequest | FetchRequest


class IncidentsCut(TypedDict):
    """An alert of which not all incidents are kept."""

    alertId: str
    returned: int
    """Incidents that are in the result."""
    count: int | None
    """Incidents that the alert has, as far as Graph tells."""
    url: str
    """Where all of them are in Microsoft Graph."""


class Observation(TypedDict):
    """What one logical call to Graph gave.

    `refreshed`: the refresh was accepted. `operation`: the operation. `alert`, `alerts`: the alert, or all alerts.
    `fault`: a problem; the machine decides whether waiting helps. `nothing`: nothing was asked.
    """

    kind: Literal["refreshed", "operation", "alert", "alerts", "fault", "nothing"]
    operationId: NotRequired[str]
    """Of `refreshed`: the operation to poll."""
    answeredAt: NotRequired[str | None]
    """The answer's `Date`, on Graph's clock."""
    operation: NotRequired[dict[str, Any]]
    """The operation as Graph sent it."""
    alerts: NotRequired[list[dict[str, Any]]]
    """Of `alert` (one) and `alerts` (all): as Graph sent them, with the incidents that fit."""
    incidentsCut: NotRequired[list[IncidentsCut]]
    problem: NotRequired[Problem]
    retryAfter: NotRequired[float | None]
    """Seconds that Graph asked to wait at least, with whatever status; None when it did not ask."""
    clientRequestId: NotRequired[str]


NOTHING: Observation = {"kind": "nothing"}
