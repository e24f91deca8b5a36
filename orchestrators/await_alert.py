"""The run: refresh, look at the operation until it is terminal, fetch the alert. Every wait is a durable timer."""

import json
import logging
from collections.abc import Generator
from typing import Any

from durabletask import task

from domain.custom_status import custom_status
from domain.decision import decide, unless_cancelled
from domain.delivery import delivery, delivery_id
from domain.freshness import has_ended
from domain.observed import observed
from domain.outcome import AlertsResult, Outcome, Result, outcome
from domain.problem import Problem, internal_error, is_problem
from domain.run_progress import end, moved_on, outcome_name, transition
from domain.run_state import CANCEL, RunState
from domain.scan_end import lag
from orchestrators import OrchestratorFailed, blueprint, contain_faults
from orchestrators.changes import compared
from orchestrators.learning import tell_seen
from orchestrators.sharing import give_up, look, tell_over
from orchestrators.steps import STEPS_PER_HISTORY, now, wait
from telemetry.metrics import record_lag, record_run_ended

logger = logging.getLogger(__name__)


class RunFailed(OrchestratorFailed):
    """Ends a run with a problem. The problem itself is in the custom status."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem['title']}. {problem['detail']}")


@blueprint.orchestration_trigger(context_name="ctx")
@contain_faults
def await_alert(
    ctx: task.OrchestrationContext,
    input: RunState,  # noqa: A002 - the SDK passes the input by position; its samples use this name
) -> Generator[task.Task[Any], Any, Result | AlertsResult | None]:
    """Await the alert that `input` is about and return the result; fail with `RunFailed` otherwise.

    A run that was cancelled returns None: it did what it was told, and no alert rule shall count it as a failure.
    """
    try:
        ended = yield from _looks(ctx, input)
        if ended is not None:
            ended = yield from compared(ctx, input, ended)
    except Exception:
        fault = Outcome(problem=internal_error(ctx.instance_id))
        _tell_end(ctx, input, fault)
        _hand_over(ctx, input, fault)
        raise
    if ended is None:
        return None
    _hand_over(ctx, input, ended)
    if ended.problem is not None and not is_problem(ended.problem, "run-cancelled"):
        raise RunFailed(ended.problem)
    return ended.result


def _looks(ctx: task.OrchestrationContext, run: RunState) -> Generator[task.Task[Any], Any, Outcome | None]:
    """Look and wait until the run is over, and return its outcome; None when it continues as new."""
    # Not every backend keeps the custom status over a continue-as-new.
    ctx.set_custom_status(custom_status(run))
    cancelled = ctx.wait_for_external_event(CANCEL)

    for _ in range(STEPS_PER_HISTORY):
        observation = yield from look(ctx, run)
        before, run = run, observed(run, observation)
        if observation["kind"] == "operation" and has_ended(run):
            tell_over(ctx, run)
            tell_seen(ctx, before, run)
            late = lag(before, run, observation)
            if late is not None and not ctx.is_replaying:
                record_lag(late)
        decision = decide(observation, run, now(ctx))
        if not ctx.is_replaying:
            logger.info("%s", json.dumps(transition(ctx.instance_id, run, observation, decision)))
        run = moved_on(run, decision, now(ctx))
        ctx.set_custom_status(custom_status(run))
        if decision.kind == "wait":
            yield from wait(ctx, decision.delay, cancelled)

        decision = unless_cancelled(decision, cancelled=cancelled.is_complete)
        ended = outcome(ctx.instance_id, run, decision)
        if ended is not None:
            give_up(ctx, run)
            ctx.set_custom_status(custom_status(run, ended.problem))
            _tell_end(ctx, run, ended)
            return ended

    # An event that comes in between belongs to the next history.
    ctx.continue_as_new(run, save_events=True)
    return None


def _tell_end(ctx: task.OrchestrationContext, run: RunState, ended: Outcome) -> None:
    if not ctx.is_replaying:
        logger.info("%s", json.dumps(end(ctx.instance_id, run, ended)))
        record_run_ended(outcome_name(ended), run["polls"])


def _hand_over(ctx: task.OrchestrationContext, run: RunState, ended: Outcome) -> None:
    """Start the delivery of the outcome to the run's callback, if it has one.

    It is not awaited: a receiver that is down for a day changes nothing about the run. What was scheduled goes out
    together with the run's end, in one transaction of the task hub, so that neither can be lost without the other.
    https://github.com/Azure/durabletask/blob/main/src/DurableTask.Core/TaskOrchestrationDispatcher.cs
    """
    sent = delivery(ctx.instance_id, run, ended, now(ctx))
    if sent is not None:
        ctx.call_sub_orchestrator("deliver_callback", input=sent, instance_id=delivery_id(ctx.instance_id, run))
