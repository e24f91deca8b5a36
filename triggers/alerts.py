"""GET /alerts and GET /alerts/{id}: alerts as Graph has them now, as JSON or as a page. A refresh is a run."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import azure.functions as func

from alert_refresh.app import app
from alert_refresh.graph.alerts import read_alerts
from alert_refresh.hub.client import Client, HubError, bind_client
from alert_refresh.hub.list import RunQuery, list_runs
from alert_refresh.pages.run import Site, render_alert, render_alerts
from alert_refresh.run.documents import Instance
from alert_refresh.web.alert_documents import check_query, describe_observation, parse_alert_path, refuse_fault
from alert_refresh.web.page_responses import answer_document
from alert_refresh.web.responses import answer_people

RUNS_SECONDS = 3.0
"""How long the alerts wait for the task hub. They are there without it."""


@app.route(route="alerts", methods=["GET"])
@bind_client
@answer_people
async def list_alerts(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Answer 200 with all alerts of the tenant; when Graph refuses, its problem."""
    return await _answer(req, client, None, render_alerts)


@app.route(route="alerts/{id}", methods=["GET"])
@bind_client
@answer_people
async def get_alert(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Answer 200 with the alert and its incidents, 404 when there is none; when Graph refuses, its problem."""
    return await _answer(req, client, parse_alert_path(req.route_params["id"]), render_alert)


async def _answer(
    req: func.HttpRequest, client: Client, alert_id: str | None, show: Callable[[Any, Site], str]
) -> func.HttpResponse:
    check_query(req)
    observation = await read_alerts(alert_id)
    refuse_fault(observation)
    runs, now = await _read_runs(client), datetime.now(UTC)
    return answer_document(req, describe_observation(req, observation, runs, now), show, now)


async def _read_runs(client: Client) -> Sequence[Instance] | None:
    """Return the newest runs that can be read; None when the task hub does not answer in time."""
    try:
        async with asyncio.timeout(RUNS_SECONDS):
            runs, _ = await list_runs(client, RunQuery(), datetime.now(UTC))
    except (HubError, TimeoutError):
        return None
    return [run for run in runs if isinstance(run, Instance)]
