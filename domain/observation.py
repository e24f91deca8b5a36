"""What one look at Graph gave. Activities return it, `decide` reads it, the durable history keeps it: plain JSON."""

from typing import Any, Literal, NotRequired, TypedDict

from domain.problem import Problem


class Refreshed(TypedDict):
    """Graph's 202 to a refresh."""

    operationId: str
    """Of the operation in `Location`."""
    requestedAt: str
    """The answer's `Date`: what was scanned before this moment of Graph's clock belongs to an earlier scan."""
    refreshedAt: NotRequired[str]
    """The same moment on the task hub's clock, when it was another run that asked."""


class Page(TypedDict):
    """One page of a collection, as Graph sent it."""

    value: list[dict[str, Any]]
    nextLink: str | None
    """URL of the next page, checked to be under Graph; None on the last one."""


class Observation(TypedDict):
    """What was found, or "try again in n seconds", or a problem that no waiting will mend.

    "Still running", 429, 503, 403 and 404 are values here, not exceptions: the Functions host hands exceptions on as
    text whose type cannot be trusted (OutOfProcMiddleware.cs in azure-functions-durable-extension).
    """

    kind: Literal["refreshed", "operation", "alert", "alerts", "incidents", "tryAgain", "problem"]
    refreshed: NotRequired[Refreshed]
    operation: NotRequired[dict[str, Any]]
    """As Graph sent it."""
    answeredAt: NotRequired[str]
    """Of an operation: the answer's `Date`, when it has one."""
    alert: NotRequired[dict[str, Any]]
    """As Graph sent it."""
    page: NotRequired[Page]
    """Of alerts or of incidents."""
    truncated: NotRequired[bool]
    """Of an alert and a page: whether incidents were left out, because they are too large for the durable history."""
    incidentsUrl: NotRequired[str]
    """Of an alert: where its incidents are in Graph."""
    problem: NotRequired[Problem]
    """Why to try again, or why not."""
    retryAfter: NotRequired[float | None]
    """Seconds that Graph asked to wait at least, on whatever status; None when it did not ask."""
    clientRequestId: str


class OperationLook(TypedDict):
    """Input of the activity `get_operation`."""

    operationId: str


class AlertOptions(TypedDict):
    """OData names of the alert, to select and to expand; `limit` as in `domain.run_state.RunState.incidentsLimit`."""

    select: list[str]
    expand: list[str]
    limit: int


class AlertLook(AlertOptions):
    """Input of the activity `fetch_alert`: where the alert is, by its operation or by its own id."""

    resourceLocation: NotRequired[str]
    alertId: NotRequired[str]


class AlertRefresh(TypedDict):
    """Input of the activity `refresh_alert`."""

    alertId: str


class AllAlertsRefresh(TypedDict):
    """Input of the activity `refresh_all_alerts`: nothing is to be said, and an activity needs an input."""


class AlertsLook(AlertOptions):
    """Input of the activity `list_alerts`."""

    nextLink: str | None
    """None for the first page."""


class IncidentsLook(TypedDict):
    """Input of the activity `list_incidents`."""

    alertId: str
    nextLink: str | None
    """None for the first page."""
    limit: int


type Question = OperationLook | AlertRefresh | AllAlertsRefresh | AlertLook | AlertsLook | IncidentsLook
"""What a run asks of an activity."""
