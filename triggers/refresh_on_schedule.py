"""The schedule: refresh all alerts, and post what has changed to CHANGES_CALLBACK_URL."""

import logging
from datetime import UTC, datetime

import azure.durable_functions as df
import azure.functions as func

from domain.run_id import run_id
from domain.settings import settings
from triggers import blueprint
from triggers.durable_client import durable_client_input
from triggers.start_request import first_state
from triggers.task_hub import start
from triggers.task_hub_entities import informed

logger = logging.getLogger(__name__)


@blueprint.timer_trigger(arg_name="timer", schedule="%REFRESH_SCHEDULE%")
@durable_client_input(blueprint)
async def refresh_on_schedule(timer: func.TimerRequest, client: df.DurableFunctionsClient) -> None:
    """Start a run of all alerts, or join the one that is on its way. Raises `InvalidSettings`, for the host's log."""
    now, chosen = datetime.now(UTC), settings()
    asked = {
        "allAlerts": True,
        "expand": ["alertDefinition"],
        "onlyIfChanged": True,
        "callbackUrl": chosen.changes_callback_url,
    }
    run = first_state(asked, chosen, now, notify_changes_only=True)
    instance = await start(client, run_id(run, None), await informed(client, run))
    logger.info("Run %s refreshes all alerts%s.", instance.id, ", late" if timer.past_due else "")
