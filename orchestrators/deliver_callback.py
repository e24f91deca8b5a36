"""The delivery of a run's outcome to its callback: post, and again for a day while the receiver is not there."""

import json
import logging
from collections.abc import Generator
from typing import Any

from durabletask import task

from domain.delivery import Attempt, Delivery
from domain.delivery_decision import FAULT, GIVEN_UP, attempt_line, begun, decide_delivery, delivery_status
from domain.run_state import CANCEL
from orchestrators import OrchestratorFailed, blueprint, contain_faults
from orchestrators.steps import STEPS_PER_HISTORY, call, now, wait

logger = logging.getLogger(__name__)


class DeliveryFailed(OrchestratorFailed):
    """Ends a delivery that was refused or took too long. The run's own outcome stands."""


@blueprint.orchestration_trigger(context_name="ctx")
@contain_faults
def deliver_callback(
    ctx: task.OrchestrationContext,
    input: Delivery,  # noqa: A002 - as in await_alert
) -> Generator[task.Task[Any], Any]:
    """Post until the outcome is delivered; fail with `DeliveryFailed` when it is refused or the day is over."""
    sent = input
    ctx.set_custom_status(begun(sent))
    cancelled = ctx.wait_for_external_event(CANCEL)

    for _ in range(STEPS_PER_HISTORY):
        try:
            attempt: Attempt = yield call(ctx, "post_callback", sent["post"])
        except task.TaskFailedError:
            attempt = FAULT
        sent = {**sent, "attempts": sent["attempts"] + 1}
        decision = decide_delivery(attempt, sent, now(ctx))
        if not ctx.is_replaying:
            logger.info("%s", json.dumps(attempt_line(sent, decision)))
        ctx.set_custom_status(delivery_status(sent, decision, now(ctx)))
        if decision.state == "failed":
            raise DeliveryFailed(decision.detail)
        if decision.state == "delivered":
            return
        yield from wait(ctx, decision.delay, cancelled)
        if cancelled.is_complete:
            ctx.set_custom_status(delivery_status(sent, GIVEN_UP, now(ctx)))
            return

    ctx.continue_as_new(sent, save_events=True)
