"""What the orchestrators yield: an activity that survives its worker, and a wait that a cancellation cuts short."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

from durabletask import task

WORKER_CRASHED = task.RetryPolicy(first_retry_interval=timedelta(seconds=5), max_number_of_attempts=3)
"""Activities raise for bugs and lost workers only. No retry_timeout: it reads the wall clock and breaks replays."""

STEPS_PER_HISTORY = 14
"""Every replay reads the whole history. A call and a wait add 8 events to it, 24 when the worker is lost twice, and 4
more where the memory of an alert is asked first: fewer than 400 at worst."""


def call(ctx: task.OrchestrationContext, activity: str, question: Any) -> task.Task[Any]:
    """Return the task of `activity`, whose answer is a JSON object. It fails only when three workers in a row did."""
    return ctx.call_activity(activity, input=question, retry_policy=WORKER_CRASHED, return_type=dict)


def wait(ctx: task.OrchestrationContext, seconds: float, cancelled: task.Task[Any]) -> Generator[task.Task[Any], Any]:
    """Wait in a durable timer, for `seconds` or until `cancelled` is complete."""
    timer = ctx.create_timer(timedelta(seconds=seconds))
    yield task.when_any([timer, cancelled])
    # Does nothing to a timer that has fired. One that is left can keep the instance from ending:
    # https://github.com/Azure/azure-functions-durable-extension/issues/2104
    timer.cancel()


def now(ctx: task.OrchestrationContext) -> datetime:
    """Return the orchestration's own time, aware; it is the same in every replay."""
    return ctx.current_utc_datetime.replace(tzinfo=UTC)
