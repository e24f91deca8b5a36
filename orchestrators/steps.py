"""What the orchestrators yield: an activity that survives its worker, an entity that may be silent, and a wait."""

import logging
import math
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

from durabletask import task
from durabletask.entities import EntityInstanceId

logger = logging.getLogger(__name__)

WORKER_CRASHED = task.RetryPolicy(first_retry_interval=timedelta(seconds=5), max_number_of_attempts=3)
"""Activities raise for bugs and lost workers only. No retry_timeout: it reads the wall clock and breaks replays."""

STEPS_PER_HISTORY = 11
"""Every replay reads the whole history. A call and a wait add 8 events to it, 24 when the worker is lost twice, 4 more
when a timer fires early, and 7 where the memory of an alert is asked first: fewer than 400 at worst."""


EARLY = 1
"""Seconds by which the Azure Storage backend may fire a timer before its time: it cuts fractions of a second off."""

ENTITY_SECONDS = 60
"""How long an entity has to answer. A run can do without one."""


def call(ctx: task.OrchestrationContext, activity: str, question: Any) -> task.Task[Any]:
    """Return the task of `activity`, whose answer is a JSON object. It fails only when three workers in a row did."""
    return ctx.call_activity(activity, input=question, retry_policy=WORKER_CRASHED, return_type=dict)


def ask(
    ctx: task.OrchestrationContext, entity: EntityInstanceId, operation: str, given: Any
) -> Generator[task.Task[Any], Any, Any]:
    """Return what the entity answers, a JSON object; None when it fails, or does not answer in `ENTITY_SECONDS`.

    The task hub can lose a call to an entity without an error: see docs/operate.md.
    """
    answer = ctx.call_entity(entity, operation, given, return_type=dict)
    timer = ctx.create_timer(timedelta(seconds=ENTITY_SECONDS))
    yield task.when_any([answer, timer])
    if not answer.is_complete:
        if not ctx.is_replaying:
            logger.warning("%s: entity %s did not answer %r in time.", ctx.instance_id, entity.entity, operation)
        return None
    timer.cancel()
    try:
        return answer.get_result()
    except task.TaskFailedError as error:
        if not ctx.is_replaying:
            logger.warning("%s: entity %s failed at %r: %s", ctx.instance_id, entity.entity, operation, error)
        return None


def wait(ctx: task.OrchestrationContext, seconds: float, cancelled: task.Task[Any]) -> Generator[task.Task[Any], Any]:
    """Wait for `seconds`, rounded up to whole ones and at least 1, or until `cancelled` is complete.

    A timer that fires does not tell that its time is reached, and a shorter one than `EARLY` can fire at once: one
    that came early is followed by one that cannot.
    """
    due = now(ctx) + timedelta(seconds=max(1, math.ceil(seconds)))
    early = 0
    while not cancelled.is_complete and (left := math.ceil((due - now(ctx)).total_seconds())) > 0:
        timer = ctx.create_timer(timedelta(seconds=left + early))
        yield task.when_any([timer, cancelled])
        # Does nothing to a timer that has fired. One that is left can keep the instance from ending:
        # https://github.com/Azure/azure-functions-durable-extension/issues/2104
        timer.cancel()
        early = EARLY


def now(ctx: task.OrchestrationContext) -> datetime:
    """Return the orchestration's own time, aware; it is the same in every replay."""
    return ctx.current_utc_datetime.replace(tzinfo=UTC)
