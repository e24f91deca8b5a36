"""What the orchestrators yield: an activity that survives its worker, an entity that may be silent, and a wait."""

import logging
import math
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

from durabletask import task
from durabletask.entities import EntityInstanceId

from alert_refresh.run.changes import Baseline

logger = logging.getLogger(__name__)

WORKER_CRASHED = task.RetryPolicy(first_retry_interval=timedelta(seconds=5), max_number_of_attempts=3)
"""Activities raise for bugs and lost workers only. No retry_timeout: it reads the wall clock and breaks replays."""

POLLS_PER_HISTORY = 12
"""Every replay reads the whole history. A call and a wait add 8 events to it, 24 when the worker is lost twice, and 4
more when a timer fires early: fewer than 400 at worst."""


EARLY = 1
"""Seconds by which the Azure Storage backend may fire a timer before its time: it cuts fractions of a second off."""

ENTITY_SECONDS = 60
"""How long an entity has to answer. A run can do without one."""


def call(ctx: task.OrchestrationContext, activity: str, question: Any) -> task.Task[Any]:
    """Return the task of `activity`, whose answer is a JSON object. It fails only when three workers in a row did."""
    return ctx.call_activity(activity, input=question, retry_policy=WORKER_CRASHED, return_type=dict)


def ask_subscriber(
    ctx: task.OrchestrationContext, subscriber: str, operation: str, scans: Baseline
) -> Generator[task.Task[Any], Any, Any]:
    """Return what the entity of `subscriber` answers, a JSON object; None when it fails or is silent.

    The task hub can lose a call to an entity without an error: see docs/operate.md.
    """
    answer = ctx.call_entity(EntityInstanceId("subscriber", subscriber), operation, scans, return_type=dict)
    timer = ctx.create_timer(timedelta(seconds=ENTITY_SECONDS))
    yield task.when_any([answer, timer])
    if answer.is_complete:
        timer.cancel()
        if not answer.is_failed:
            return answer.get_result()
    if not ctx.is_replaying:
        reason = "failed" if answer.is_complete else f"did not answer in {ENTITY_SECONDS} s"
        logger.warning("%s: the entity of subscriber %s %s at %r.", ctx.instance_id, subscriber, reason, operation)
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
