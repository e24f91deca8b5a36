"""What the orchestrators share: how they fail, call an activity, call an entity and wait."""

import functools
import json
import logging
import math
import traceback
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from durabletask import task
from durabletask.entities import EntityInstanceId

from alert_refresh.problems import Failed, make_well_formed
from alert_refresh.run.changes import Baseline

logger = logging.getLogger(__name__)

WORKER_CRASHED = task.RetryPolicy(first_retry_interval=timedelta(seconds=5), max_number_of_attempts=3)
"""An activity fails only by a bug or with its worker. No retry_timeout: it reads the wall clock and breaks replays."""

POLLS_PER_HISTORY = 12
"""Every replay reads the whole history, so it must stay short. A call and a wait add 8 events: 24 when two workers die,
and 4 more when a timer fires early."""

EARLY = 1
"""Seconds by which the Azure Storage backend may fire a timer too early: it drops fractions of a second."""

ENTITY_SECONDS = 60
"""How long a run waits for an entity. Without its answer the run goes on all the same."""

type Orchestrator[Input, Output] = Callable[[task.OrchestrationContext, Input], Generator[task.Task[Any], Any, Output]]


def contain_faults[Input, Output](orchestrator: Orchestrator[Input, Output]) -> Orchestrator[Input, Output]:
    """Let `orchestrator` raise only `Failed`: another error may have a text that the task hub refuses."""

    @functools.wraps(orchestrator)
    def contained(ctx: task.OrchestrationContext, input: Input) -> Generator[task.Task[Any], Any, Output]:  # noqa: A002
        try:
            return (yield from orchestrator(ctx, input))
        except Failed:
            raise
        except Exception as error:  # noqa: BLE001 - any error
            log_fault(ctx)
            raise Failed(f"{type(error).__name__}: {error}") from None

    return contained


def log(ctx: task.OrchestrationContext, line: Mapping[str, Any]) -> None:
    """Log `line` as JSON, and not again in a replay. In telemetry, each of its values is an attribute."""
    if not ctx.is_replaying:
        logger.info("%s", json.dumps(line), extra={name: value for name, value in line.items() if value is not None})


def log_fault(ctx: task.OrchestrationContext) -> None:
    """Log the exception that is being handled."""
    if not ctx.is_replaying:
        # logger.exception() would write the text as it is, and a log file accepts only well-formed text.
        logger.error("%s: %s", ctx.instance_id, make_well_formed(traceback.format_exc()))


def call(ctx: task.OrchestrationContext, activity: str, request: Any) -> task.Task[Any]:
    """Return the task of `activity`; its result is a JSON object. The task fails after three failed attempts."""
    return ctx.call_activity(activity, input=request, retry_policy=WORKER_CRASHED, return_type=dict)


def ask_subscriber(
    ctx: task.OrchestrationContext, subscriber: str | None, operation: str, scans: Baseline | None
) -> Generator[task.Task[Any], Any, Any]:
    """Return the answer of the entity of `subscriber`, a JSON object; None when it fails or does not answer.

    A call, and not a signal: signals of one orchestrator to one entity may overtake each other. The task hub can lose a
    call without an error: see docs/operate.md. Without `scans` the entity is not asked, and there is nothing to answer.
    """
    if subscriber is None or not scans:
        return None if scans is None else {}
    answer = ctx.call_entity(EntityInstanceId("subscriber", subscriber), operation, scans, return_type=dict)
    timer = ctx.create_timer(timedelta(seconds=ENTITY_SECONDS))
    yield task.when_any([answer, timer])
    timer.cancel()
    if answer.is_complete and not answer.is_failed:
        return answer.get_result()
    if not ctx.is_replaying:
        reason = "failed" if answer.is_complete else f"did not answer in {ENTITY_SECONDS} s"
        logger.warning("%s: the entity of subscriber %s %s at %r.", ctx.instance_id, subscriber, reason, operation)
    return None


def wait(ctx: task.OrchestrationContext, seconds: float, cancelled: task.Task[Any]) -> Generator[task.Task[Any], Any]:
    """Wait for `seconds`, whole ones as the machine gives them, or until `cancelled` is complete.

    A timer may fire before its time. Then a second timer follows. It is longer by `EARLY`, so that it cannot be early,
    too.
    """
    due = now(ctx) + timedelta(seconds=seconds)
    early = 0
    while not cancelled.is_complete and (left := math.ceil((due - now(ctx)).total_seconds())) > 0:
        timer = ctx.create_timer(timedelta(seconds=left + early))
        yield task.when_any([timer, cancelled])
        # It has no effect on a timer that has fired. An open timer can keep the instance from ending:
        # https://github.com/Azure/azure-functions-durable-extension/issues/2104
        timer.cancel()
        early = EARLY


def now(ctx: task.OrchestrationContext) -> datetime:
    """Return the time of the orchestration, aware. Every replay gets the same."""
    return ctx.current_utc_datetime.replace(tzinfo=UTC)
