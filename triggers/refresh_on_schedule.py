"""The schedule: the app refreshes all alerts, and posts what changed to CHANGES_CALLBACK_URL."""

import logging
from dataclasses import replace
from datetime import UTC, datetime
from os import environ

import azure.functions as func

from alert_refresh.app import app
from alert_refresh.hub.client import Client, bind_client, make_run_id, start_run
from alert_refresh.run.state import make_run
from alert_refresh.settings import find_public_url, settings
from alert_refresh.web.start_request import make_wish

logger = logging.getLogger(__name__)


@app.timer_trigger(arg_name="timer", schedule="%REFRESH_SCHEDULE%")
@bind_client
async def refresh_on_schedule(timer: func.TimerRequest, client: Client) -> None:
    """Start a run of all alerts. The host logs `InvalidSettings` and `HubError`."""
    current = settings()
    fields = {
        "allAlerts": True,
        "expand": ("alertDefinition",),
        "changesFor": "schedule",
        "callbackUrl": current.changes_callback_url,
        "format": current.changes_format,
    }
    public_url = find_public_url(environ)
    wish = replace(
        make_wish(fields, current, datetime.now(UTC)),
        runs_url=public_url and f"{public_url}/runs",
        changes_min_severity=current.changes_min_severity,
        changes_ignore=current.changes_ignore,
    )
    run = make_run(make_run_id(None), wish)
    await start_run(client, run)
    logger.info("Run %s refreshes all alerts%s.", run.id, ", late" if timer.past_due else "")
