"""The purge: every night, the app deletes ended runs that started more than RUN_RETENTION_DAYS ago."""

import logging
from datetime import UTC, datetime, timedelta

import azure.functions as func

from alert_refresh.app import app
from alert_refresh.hub.client import Client, bind_client
from alert_refresh.hub.purge import purge_ended
from alert_refresh.settings import settings

logger = logging.getLogger(__name__)


@app.timer_trigger(arg_name="timer", schedule="0 43 2 * * *")
@bind_client
async def purge_runs(timer: func.TimerRequest, client: Client) -> None:  # noqa: ARG001 - a binding
    """Purge runs and deliveries that are over. The host logs `HubError` and `InvalidSettings`."""
    cutoff = datetime.now(UTC) - timedelta(days=settings().run_retention_days)
    count = await purge_ended(client, cutoff)
    logger.info("Purged %s runs and deliveries from before %s.", count, cutoff.isoformat(timespec="seconds"))
