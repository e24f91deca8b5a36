"""What one look at Graph gave. Activities return it, `decide` reads it, the durable history keeps it: plain JSON."""

from typing import Any, Literal, NotRequired, TypedDict

from domain.problem import Problem


class Observation(TypedDict):
    """One of: the operation, the alert, "try again in n seconds", or a problem that no waiting will mend.

    "Still running", 429, 503, 403 and 404 are values here, not exceptions: the Functions host hands exceptions on as
    text whose type cannot be trusted (OutOfProcMiddleware.cs in azure-functions-durable-extension).
    """

    kind: Literal["operation", "alert", "tryAgain", "problem"]
    operation: NotRequired[dict[str, Any]]
    """As Graph sent it."""
    alert: NotRequired[dict[str, Any]]
    """As Graph sent it."""
    problem: NotRequired[Problem]
    """Why to try again, or why not."""
    retryAfter: NotRequired[float | None]
    """Seconds that Graph asked to wait at least, on whatever status; None when it did not ask."""
    clientRequestId: str


class OperationLook(TypedDict):
    """Input of the activity `get_operation`."""

    operationId: str


class AlertLook(TypedDict):
    """Input of the activity `fetch_alert`."""

    resourceLocation: str
    select: list[str]
    expand: list[str]
