"""Deterministic generators. They yield; they decide nothing and touch no clock, environment or network."""

import functools
import logging
import traceback
from collections.abc import Callable, Generator
from typing import Any

import azure.durable_functions as df
from durabletask import task

from alert_refresh.failures import make_well_formed, shorten_failure

logger = logging.getLogger(__name__)
# One for all of the folder: each registers two functions of the SDK, for its call_http, at every cold start.
blueprint = df.Blueprint()

type Orchestrator[Input, Output] = Callable[[task.OrchestrationContext, Input], Generator[task.Task[Any], Any, Output]]


class OrchestratorFailed(Exception):
    """Makes the durable instance Failed, for the portal and its alerts, with a text that the task hub takes."""

    def __init__(self, text: str) -> None:
        super().__init__(shorten_failure(text))


def contain_faults[Input, Output](orchestrator: Orchestrator[Input, Output]) -> Orchestrator[Input, Output]:
    """Let `orchestrator` raise nothing but `OrchestratorFailed`: any other error may have a text of any length."""

    @functools.wraps(orchestrator)
    def contained(ctx: task.OrchestrationContext, input: Input) -> Generator[task.Task[Any], Any, Output]:  # noqa: A002
        try:
            return (yield from orchestrator(ctx, input))
        except OrchestratorFailed:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is
            log_fault(ctx)
            raise OrchestratorFailed(f"{type(error).__name__}: {error}") from None

    return contained


def log_fault(ctx: task.OrchestrationContext) -> None:
    """Log the exception that is being handled."""
    if not ctx.is_replaying:
        # Not logger.exception(): a log file takes well-formed text only.
        logger.error("%s: %s", ctx.instance_id, make_well_formed(traceback.format_exc()))
