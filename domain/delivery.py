"""Handing the ending of a run to its callback: what is posted, and what one attempt gave. Plain JSON."""

from typing import Any, Literal, TypedDict


class CallbackPost(TypedDict):
    """Input of the activity `post_callback`."""

    url: str
    """Holds a signature that opens the caller's workflow: it goes into no log, no answer, no custom status."""
    runId: str
    mediaType: Literal["application/json", "application/problem+json"]
    body: dict[str, Any]
    """What `GET /runs/{id}/result` answers: the result or the problem."""


class Attempt(TypedDict):
    """What one POST gave. `refused` will not be mended by another attempt."""

    kind: Literal["delivered", "tryAgain", "refused"]
    detail: str
    """A sentence for people, without the URL."""
    retryAfter: float | None
    """Seconds that the receiver asked to wait at least; None when it did not ask."""
