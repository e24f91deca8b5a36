"""The run: look at the operation until it is terminal, then fetch the alert. Every wait is a durable timer."""

import json
import logging
from collections.abc import Generator
from datetime import UTC, timedelta
from typing import Any

import azure.durable_functions as df
from durabletask import task

from domain.custom_status import custom_status
from domain.decision import decide
from domain.observation import Observation
from domain.problem import Problem
from domain.run_progress import moved_on, result, transition
from domain.run_state import RunState, next_look, observed

LOOKS_PER_HISTORY = 16
"""Every replay reads the whole history, and a look adds eight events to it, 24 when its worker is lost twice."""

WORKER_CRASHED = task.RetryPolicy(first_retry_interval=timedelta(seconds=5), max_number_of_attempts=3)
"""Activities raise for bugs and lost workers only. No retry_timeout: it reads the wall clock and breaks replays."""

ACTIVITY = {"waiting": "get_operation", "fetching": "fetch_alert"}

blueprint = df.Blueprint()
logger = logging.getLogger(__name__)


class RunFailed(Exception):
    """Makes the durable instance Failed, for the portal and its alerts; the problem itself is in the custom status."""

    def __init__(self, problem: Problem) -> None:
        # JSON lets half a surrogate pair through; the protobuf that carries this text does not.
        super().__init__(f"{problem['title']}. {problem['detail']}".encode(errors="replace").decode())


@blueprint.orchestration_trigger(context_name="ctx")
def await_alert(
    ctx: task.OrchestrationContext,
    input: RunState,  # noqa: A002 - the SDK passes the input by position; its samples use this name
) -> Generator[task.Task[Any], Any, dict[str, Any] | None]:
    """Await the operation in `input` and return `domain.run_progress.result`; fail with `RunFailed` otherwise."""
    run = input
    # Not every backend keeps the custom status over a continue-as-new.
    ctx.set_custom_status(custom_status(run))

    for _ in range(LOOKS_PER_HISTORY):
        observation: Observation = yield ctx.call_activity(
            ACTIVITY[run["phase"]], input=next_look(run), retry_policy=WORKER_CRASHED, return_type=dict
        )
        now = ctx.current_utc_datetime.replace(tzinfo=UTC)
        run = observed(run, observation)
        decision = decide(observation, run, now)
        if not ctx.is_replaying:
            logger.info("%s", json.dumps(transition(ctx.instance_id, run, observation, decision)))
        run = moved_on(run, decision, now)
        ctx.set_custom_status(custom_status(run, decision))

        if decision.kind == "succeed":
            return result(ctx.instance_id, run, observation["alert"])
        if decision.problem is not None:
            raise RunFailed(decision.problem)
        if decision.kind == "wait":
            yield ctx.create_timer(timedelta(seconds=decision.delay))

    ctx.continue_as_new(run)
    return None
