"""The delivery of a run's outcome to its callback: it posts until the receiver accepts, for a day at most."""

import json
import logging
from collections.abc import Generator
from typing import Any

from durabletask import task

from alert_refresh.run.delivery import (
    FAULT,
    GIVEN_UP,
    Attempt,
    Delivery,
    DeliveryStep,
    describe_attempt,
    describe_delivery,
    step_delivery,
)
from alert_refresh.run.state import CANCEL
from orchestrators.steps import (
    POLLS_PER_HISTORY,
    OrchestratorFailed,
    ask_subscriber,
    blueprint,
    call,
    contain_faults,
    now,
    wait,
)

logger = logging.getLogger(__name__)


class DeliveryFailed(OrchestratorFailed):
    """Ends a delivery that was refused or took too long. The outcome of the run does not change."""


@blueprint.orchestration_trigger(context_name="ctx")
@contain_faults
def deliver_outcome(
    ctx: task.OrchestrationContext,
    input: Delivery,  # noqa: A002 - as in await_alert
) -> Generator[task.Task[Any], Any]:
    """Post until the receiver accepts the outcome. Fail with `DeliveryFailed` when it refuses or the day is over."""
    delivery = input
    ctx.set_custom_status(describe_delivery(delivery, None, now(ctx)))
    cancelled = ctx.wait_for_external_event(CANCEL)

    for _ in range(POLLS_PER_HISTORY):
        try:
            attempt: Attempt = yield call(ctx, "post_callback", delivery["post"])
        except task.TaskFailedError:
            attempt = FAULT
        delivery = {**delivery, "attempts": delivery["attempts"] + 1}
        then = step_delivery(attempt, delivery, now(ctx))
        if not ctx.is_replaying:
            logger.info("%s", json.dumps(describe_attempt(delivery, then)))
        ctx.set_custom_status(describe_delivery(delivery, then, now(ctx)))
        match then:
            case DeliveryStep("failed", detail):
                raise DeliveryFailed(detail)
            case DeliveryStep("delivered"):
                if delivery["subscriber"] and delivery["scans"]:
                    # A call, and not a signal: signals of one orchestrator to one entity may overtake each other.
                    yield from ask_subscriber(ctx, delivery["subscriber"], "give", delivery["scans"])
                return
        yield from wait(ctx, then.delay, cancelled)
        if cancelled.is_complete:
            ctx.set_custom_status(describe_delivery(delivery, GIVEN_UP, now(ctx)))
            return

    ctx.continue_as_new(delivery, save_events=True)
