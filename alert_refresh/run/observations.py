"""What an activity is asked and what it observes. The durable history keeps both: plain JSON.

"Still running", 429, 503, 403 and 404 are values, not exceptions: the Functions host passes exceptions on as text whose
type cannot be trusted (OutOfProcMiddleware.cs in azure-functions-durable-extension).
"""

from typing import Any, Literal, NotRequired, TypedDict, cast

from alert_refresh.problems import Problem
from alert_refresh.run.freshness import Operation
from alert_refresh.run.incidents import INCIDENTS
from alert_refresh.run.state import Fetching, Polling, Refreshing, Run


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

CONFIGURATION = "alertConfiguration"
"""Always expanded: it tells whether PIM scans the alert at all."""


def next_request(run: Run) -> tuple[str, Request] | None:
    """Return the name of the activity to call and its input; None when there is nothing to ask any more."""
    match run.phase:
        case Refreshing():
            return "refresh_alert", {"alertId": run.wish.target.id or None}
        case Polling(operation_id):
            return "get_operation", {"operationId": operation_id}
        case Fetching():
            return "fetch_alert", _make_fetch_request(run)
        case _:
            return None


def _make_fetch_request(run: Run) -> FetchRequest:
    wish = run.wish
    select, expand = set(wish.select), {*wish.expand, CONFIGURATION}
    if wish.changes_for is not None:
        expand.add(INCIDENTS)
        select |= {"isActive"} if select else set()
    request: dict[str, Any] = {"select": sorted(select), "expand": sorted(expand), "limit": wish.incidents_limit}
    match wish.target.kind:
        case "allAlerts":
            request["allAlerts"] = True
        case "alertId":
            # Wherever the operation leads, this is the alert that the caller asked for.
            request["alertId"] = wish.target.id
        case "operationId":
            request["resourceLocation"] = Operation(run.operation or {}).resource_location
    return cast("FetchRequest", request)
