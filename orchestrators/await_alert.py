"""The run: refresh, poll the operation until it ends, fetch the alert. Every wait is a durable timer."""

from collections.abc import Generator, Mapping
from itertools import count
from typing import Any

from durabletask import task

from alert_refresh.app import app
from alert_refresh.problems import Failed, is_problem, make_internal_error
from alert_refresh.run.delivery import make_delivery, name_delivery
from alert_refresh.run.documents import describe_step, make_custom_status
from alert_refresh.run.machine import End, Wait, next_request, step
from alert_refresh.run.observations import NOTHING, Observation
from alert_refresh.run.outcome import Outcome, attach_changes, describe_end, describe_news
from alert_refresh.run.state import CANCEL, Run, dump_run, end_run, load_run, record_cancel
from alert_refresh.telemetry.instruments import record_run_ended
from orchestrators import steps


@app.orchestration_trigger(context_name="ctx")
@steps.contain_faults
def await_alert(
    ctx: task.OrchestrationContext,
    input: Mapping[str, Any],  # noqa: A002 - the SDK passes the input by position; its samples use this name
) -> Generator[task.Task[Any], Any, Any]:
    """Do the run in `input`, which `dump_run` made. Return the result, or fail with the title of the problem.

    A cancelled run returns None: it is no failure, and no alert rule may count it as one.
    """
    run = load_run(input)
    # Not every backend keeps the custom status after a continue-as-new.
    ctx.set_custom_status(make_custom_status(run))
    cancelled = ctx.wait_for_external_event(CANCEL)

    for step_number in count(1):
        request = None if cancelled.is_complete else next_request(run)
        try:
            observation: Observation = NOTHING if request is None else (yield steps.call(ctx, *request))
            run, then = step(run, observation, steps.now(ctx), cancelled=cancelled.is_complete)
            if cancelled.is_complete:
                run = record_cancel(run, cancelled.get_result())
        except Exception:  # noqa: BLE001 - after any error the run must end with a problem
            steps.log_fault(ctx)
            problem = make_internal_error(ctx.instance_id)
            run = end_run(run, problem)
            ctx.set_custom_status(make_custom_status(run))
            return (yield from _finish(ctx, run, Outcome(problem=problem)))
        ctx.set_custom_status(make_custom_status(run))
        steps.log(ctx, describe_step(run, observation, then))
        match then:
            case Wait(seconds):
                yield from steps.wait(ctx, seconds, cancelled)
            case End(outcome):
                return (yield from _finish(ctx, run, outcome))
        # A cancellation that this history has consumed would be lost with it.
        if step_number >= steps.POLLS_PER_HISTORY and not cancelled.is_complete:
            break

    # save_events: an event that comes at this moment goes to the next history.
    ctx.continue_as_new(dump_run(run), save_events=True)
    return None


def _finish(ctx: task.OrchestrationContext, run: Run, outcome: Outcome) -> Generator[task.Task[Any], Any, Any]:
    """Compare the outcome for its subscriber, start its delivery, and return the result."""
    end = describe_end(run, outcome)
    steps.log(ctx, end)
    if not ctx.is_replaying:
        record_run_ended(end["outcome"], run.polls)
    changes = yield from steps.ask_subscriber(ctx, run.wish.changes_for, "compare", outcome.scans)
    if changes is not None:
        outcome = attach_changes(outcome, changes)
        for line in describe_news(run, outcome):
            steps.log(ctx, line)
    delivery = make_delivery(run, outcome, steps.now(ctx))
    if delivery is not None:
        # Nothing waits for it: the run ends, also when the receiver is down for a day. The hub stores the start of the
        # delivery and the end of the run together, so it loses neither of them alone.
        # https://github.com/Azure/durabletask/blob/main/src/DurableTask.Core/TaskOrchestrationDispatcher.cs
        ctx.call_sub_orchestrator("deliver_outcome", input=delivery, instance_id=name_delivery(run.id))
    elif changes is not None and run.wish.callback_url is None:
        yield from steps.ask_subscriber(ctx, run.wish.changes_for, "give", outcome.scans)
    if outcome.problem is not None and not is_problem(outcome.problem, "run-cancelled"):
        # The host logs this text, and the detail can hold what Graph says. The custom status has the problem.
        raise Failed(outcome.problem["title"])
    return outcome.result
