"""Deterministic generators. They only yield: they decide nothing, and use no clock, environment or network."""

import functools
import logging
import traceback
from collections.abc import Callable, Generator
from typing import Any

import azure.durable_functions as df
from durabletask import task

from alert_refresh.failures import make_well_formed, shorten_failure

logger = logging.getLogger(__name__)
# One blueprint for the folder: at every cold start, each blueprint adds two functions of the SDK, for its call_http.
blueprint = df.Blueprint()

type Orchestrator[Input, Output] = Callable[[task.OrchestrationContext, Input], Generator[task.Task[Any], Any, Output]]


class OrchestratorFailed(Exception):
    """Makes the durable instance Failed, for the portal and its alert rules. The task hub accepts its text."""

    def __init__(self, text: str) -> None:
        super().__init__(shorten_failure(text))


def contain_faults[Input, Output](orchestrator: Orchestrator[Input, Output]) -> Orchestrator[Input, Output]:
    """Let `orchestrator` raise only `OrchestratorFailed`: another error may have a text that the task hub refuses."""

    @functools.wraps(orchestrator)
    def contained(ctx: task.OrchestrationContext, input: Input) -> Generator[task.Task[Any], Any, Output]:  # noqa: A002
        try:
            return (yield from orchestrator(ctx, input))
        except OrchestratorFailed:
            raise
        except Exception as error:  # noqa: BLE001 - any error
            log_fault(ctx)
            raise OrchestratorFailed(f"{type(error).__name__}: {error}") from None

    return contained


def log_fault(ctx: task.OrchestrationContext) -> None:
    """Log the exception that is being handled."""
    if not ctx.is_replaying:
        # logger.exception() would write the text as it is, and a log file accepts only well-formed text.
        logger.error("%s: %s", ctx.instance_id, make_well_formed(traceback.format_exc()))
