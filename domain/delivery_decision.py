"""What to do after an attempt to deliver: pure, as `domain.decision` is for a look."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from domain import schedule
from domain.delivery import Attempt, Delivery, DeliveryState, DeliveryStatus
from domain.timestamps import format_timestamp, parse_timestamp

FIRST_WAIT, LONGEST_WAIT = 5.0, 900.0
"""Seconds between two attempts, doubling from the one to the other."""

FAULT: Attempt = {
    "kind": "tryAgain",
    "detail": "The app itself failed to post: look for the run id in its logs, and report it.",
    "retryAfter": None,
}


class DeliveryDecision(NamedTuple):
    """`delivering`: post again in `delay` seconds; `delivered`, `failed`, `cancelled`: it is over."""

    state: DeliveryState
    detail: str
    delay: float = 0.0


GIVEN_UP = DeliveryDecision("cancelled", "The caller gave up: DELETE on a run that was over.")


def decide_delivery(attempt: Attempt, sent: Delivery, now: datetime) -> DeliveryDecision:
    """Decide what follows `attempt`, which `sent` already counts, at `now` (aware)."""
    if attempt["kind"] == "delivered":
        return DeliveryDecision("delivered", attempt["detail"])
    if attempt["kind"] == "refused":
        return DeliveryDecision("failed", attempt["detail"])
    deadline = parse_timestamp(sent["deadline"])
    seconds = schedule.after_trouble(sent["attempts"], FIRST_WAIT, LONGEST_WAIT, seed=sent["post"]["runId"])
    remaining = (deadline - now).total_seconds() if deadline else 0.0
    delay = schedule.fitted(seconds, attempt["retryAfter"] or 0.0, remaining)
    if delay is None:
        return DeliveryDecision("failed", f"{attempt['detail']} Given up after {sent['attempts']} attempts.")
    return DeliveryDecision("delivering", attempt["detail"], delay)


def delivery_status(sent: Delivery, decision: DeliveryDecision, now: datetime) -> DeliveryStatus:
    """Return what is shown of the delivery after `decision`, taken at `now` (aware)."""
    over = decision.state != "delivering"
    return {
        "state": decision.state,
        "attempts": sent["attempts"],
        "nextAttemptAt": None if over else format_timestamp(now + timedelta(seconds=decision.delay)),
        "detail": decision.detail,
    }


def begun(sent: Delivery) -> DeliveryStatus:
    """Return what is shown before the first attempt, and at once after a continue-as-new."""
    return {"state": "delivering", "attempts": sent["attempts"], "nextAttemptAt": None, "detail": None}


def attempt_line(sent: Delivery, decision: DeliveryDecision) -> dict[str, Any]:
    """Return the log line of one attempt. No URL: it is a credential."""
    return {
        "event": "callback",
        "runId": sent["post"]["runId"],
        "attempts": sent["attempts"],
        "decision": decision.state,
        "delay": round(decision.delay, 3),
        "reason": decision.detail,
        "deadline": sent["deadline"],
    }
