"""The delivery of a run's outcome to its callback: it posts until the receiver accepts, for a day at most."""

from collections.abc import Generator
from typing import Any

from durabletask import task

from alert_refresh.app import app
from alert_refresh.problems import Failed
from alert_refresh.run.delivery import FAULT, GIVEN_UP, Delivery, describe_attempt, describe_delivery, step_delivery
from alert_refresh.run.state import CANCEL
from orchestrators import steps


@app.orchestration_trigger(context_name="ctx")
@steps.contain_faults
def deliver_outcome(
    ctx: task.OrchestrationContext,
    input: Delivery,  # noqa: A002 - as in await_alert
) -> Generator[task.Task[Any], Any]:
    """Post until the receiver accepts the outcome. Fail when it refuses, or the day is over."""
    delivery = input
    ctx.set_custom_status(describe_delivery(delivery, steps.now(ctx)))
    cancelled = ctx.wait_for_external_event(CANCEL)

    for _ in range(steps.POLLS_PER_HISTORY):
        try:
            attempt = yield steps.call(ctx, delivery["activity"], delivery["post"])
        except task.TaskFailedError:
            attempt = FAULT
        delivery = {**delivery, "attempts": delivery["attempts"] + 1}
        then = step_delivery(attempt, delivery, steps.now(ctx))
        steps.log(ctx, describe_attempt(delivery, then))
        ctx.set_custom_status(describe_delivery(delivery, steps.now(ctx), then))
        if then.state == "failed":
            raise Failed(then.detail)
        if then.state == "delivered":
            yield from steps.ask_subscriber(ctx, delivery["subscriber"], "give", delivery["scans"])
            return
        yield from steps.wait(ctx, then.delay, cancelled)
        if cancelled.is_complete:
            ctx.set_custom_status(describe_delivery(delivery, steps.now(ctx), GIVEN_UP))
            return

    ctx.continue_as_new(delivery, save_events=True)
