"""The delivery of an outcome to a callback: what to post, what an attempt means, when to try again. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, TypedDict

from alert_refresh.run import polling
from alert_refresh.run.changes import Baseline
from alert_refresh.run.outcome import Outcome, select_news
from alert_refresh.run.state import Run
from alert_refresh.timestamps import format_timestamp

PATIENCE = timedelta(hours=24)
"""From the end of the run to the last attempt."""

FIRST_WAIT, LONGEST_WAIT = 5.0, 900.0
"""Seconds between two attempts, before jitter. The wait doubles from `FIRST_WAIT` to `LONGEST_WAIT`."""

type DeliveryState = Literal["none", "pending", "delivering", "delivered", "failed", "notNeeded"]


class CallbackPost(TypedDict):
    """Input of the activities `post_callback` and `post_card`."""

    url: str
    """A secret: its signature starts the caller's workflow. It goes into no log, answer or custom status."""
    runId: str
    mediaType: Literal["application/json", "application/problem+json"]
    body: dict[str, Any]
    """The result or the problem, as `GET /runs/{id}/result` answers it."""
    runUrl: str | None
    """URL of the run, without a key, for a card."""


class Attempt(TypedDict):
    """What one POST gave. After `refused`, no other attempt can help."""

    kind: Literal["delivered", "tryAgain", "refused"]
    detail: str
    """A sentence for people, without the URL."""
    retryAfter: float | None
    """The receiver wants no other attempt within these seconds; None when it did not say."""


class Delivery(TypedDict):
    """Input of the orchestration `deliver_outcome`, carried whole through every continue-as-new."""

    activity: Literal["post_callback", "post_card"]
    post: CallbackPost
    subscriber: str | None
    scans: Baseline
    """What the subscriber gets with this outcome: its next baseline."""
    deadline: str
    attempts: int


class DeliveryStatus(TypedDict):
    """Custom status of `deliver_outcome`; the schema `Callback` of openapi.yaml says what its members mean."""

    state: DeliveryState
    attempts: int
    nextAttemptAt: str | None
    detail: str | None


class DeliveryStep(NamedTuple):
    """`delivering`: post again in `delay` seconds; `delivered` and `failed`: the delivery is over."""

    state: Literal["delivering", "delivered", "failed"]
    detail: str = ""
    delay: float = 0.0


FAULT: Attempt = {
    "kind": "tryAgain",
    "detail": "The app itself failed to post: search its logs for the run id, and report the fault.",
    "retryAfter": None,
}
BEGUN = DeliveryStep("delivering")
GIVEN_UP = DeliveryStep("failed", "The caller gave up the delivery: DELETE on a run that was over.")


def name_delivery(run_id: str) -> str:
    """Return the instance id of the delivery of the run `run_id`."""
    return f"callback-{run_id}"


def make_delivery(run: Run, outcome: Outcome, now: datetime) -> Delivery | None:
    """Return the delivery of `outcome`; None when the run has no callback, or nothing new for its subscriber."""
    news = select_news(outcome)
    if run.wish.callback_url is None or news is None:
        return None
    return {
        "activity": "post_card" if run.wish.format == "teams" else "post_callback",
        "post": {
            "url": run.wish.callback_url,
            "runId": run.id,
            "mediaType": "application/problem+json" if news.problem else "application/json",
            "body": dict(news.problem or news.result or {}),
            "runUrl": run.wish.runs_url and f"{run.wish.runs_url}/{run.id}",
        },
        "subscriber": run.wish.changes_for,
        "scans": news.scans or {},
        "deadline": format_timestamp(now + PATIENCE),
        "attempts": 0,
    }


def step_delivery(attempt: Attempt, delivery: Delivery, now: datetime) -> DeliveryStep:
    """Return what follows `attempt` at `now` (the hub's clock, aware). `delivery` already counts the attempt."""
    if attempt["kind"] != "tryAgain":
        return DeliveryStep("delivered" if attempt["kind"] == "delivered" else "failed", attempt["detail"])
    remaining = (datetime.fromisoformat(delivery["deadline"]) - now).total_seconds()
    seconds = polling.back_off(delivery["attempts"], FIRST_WAIT, LONGEST_WAIT, seed=delivery["post"]["runId"])
    delay = polling.fit(seconds, attempt["retryAfter"] or 0.0, remaining)
    if delay is None:
        return DeliveryStep("failed", f"{attempt['detail']} Given up after {delivery['attempts']} attempts.")
    return DeliveryStep("delivering", attempt["detail"], delay)


def describe_delivery(delivery: Delivery, now: datetime, then: DeliveryStep = BEGUN) -> DeliveryStatus:
    """Return the custom status after `then`."""
    return {
        "state": then.state,
        "attempts": delivery["attempts"],
        "nextAttemptAt": format_timestamp(now + timedelta(seconds=then.delay)) if then.delay else None,
        "detail": then.detail or None,
    }


def describe_attempt(delivery: Delivery, then: DeliveryStep) -> Mapping[str, Any]:
    """Return the log line of one attempt. It has no URL: the URL is a credential."""
    return {
        "event": "callback",
        "runId": delivery["post"]["runId"],
        "attempts": delivery["attempts"],
        "decision": then.state,
        "delay": then.delay,
        "reason": then.detail,
        "deadline": delivery["deadline"],
    }
