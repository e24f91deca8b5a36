"""Every night, runs older than RUN_RETENTION_DAYS leave the task hub, with their histories and the people in them."""

import logging
from datetime import UTC, datetime, timedelta

import azure.durable_functions as df
import azure.functions as func

from domain.settings import settings
from triggers import blueprint
from triggers.durable_client import durable_client_input
from triggers.task_hub_purge import purge_ended

logger = logging.getLogger(__name__)


@blueprint.timer_trigger(arg_name="timer", schedule="0 43 2 * * *")
@durable_client_input(blueprint)
async def purge_runs(timer: func.TimerRequest, client: df.DurableFunctionsClient) -> None:  # noqa: ARG001 - a binding
    """Purge runs and deliveries; never one that is on its way. Raises `TaskHubUnavailable` and `InvalidSettings`."""
    cutoff = datetime.now(UTC) - timedelta(days=settings().run_retention_days)
    purged = await purge_ended(client, cutoff)
    logger.info("Purged %s runs and deliveries from before %s.", purged, cutoff.isoformat(timespec="seconds"))
