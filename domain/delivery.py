"""Handing the outcome of a run to its callback: what is posted, what an attempt gave, how far it is. Plain JSON."""

import re
from datetime import datetime, timedelta
from typing import Any, Literal, TypedDict

from domain.outcome import Outcome, changes_only
from domain.run_state import RunState
from domain.timestamps import format_timestamp

PATIENCE = timedelta(hours=24)
"""From the end of the run to the last attempt."""


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


class Delivery(TypedDict):
    """Input of the orchestration `deliver_callback`, carried whole through every continue-as-new."""

    post: CallbackPost
    deadline: str
    attempts: int


type DeliveryState = Literal["delivering", "delivered", "failed", "cancelled"]


class DeliveryStatus(TypedDict):
    """Custom status of `deliver_callback`."""

    state: DeliveryState
    attempts: int
    nextAttemptAt: str | None
    detail: str | None


def delivery(run_id: str, run: RunState, ended: Outcome, now: datetime) -> Delivery | None:
    """Return the delivery of `ended`, or None when the run has no callback, or nothing to tell it."""
    told = changes_only(ended) if run["notifyChangesOnly"] else ended
    if run["callbackUrl"] is None or told is None:
        return None
    return {
        "post": {
            "url": run["callbackUrl"],
            "runId": run_id,
            "mediaType": "application/problem+json" if told.problem else "application/json",
            "body": dict(told.problem or told.result or {}),
        },
        "deadline": format_timestamp(now + PATIENCE),
        "attempts": 0,
    }


def delivery_id(run_id: str, run: RunState) -> str:
    """Return the instance id of the delivery. A run that starts anew has the same id, and a delivery of its own."""
    return f"callback-{run_id}-{re.sub('[^0-9]', '', run['createdAt'])}"
