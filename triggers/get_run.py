"""GET /runs/{id}: the run document, or the page of the run."""

from datetime import UTC, datetime

import azure.functions as func

from alert_refresh.app import app
from alert_refresh.hub.client import Client, bind_client, read_delivery, read_run
from alert_refresh.web.page_responses import answer_run
from alert_refresh.web.responses import answer_people


@app.route(route="runs/{id}", methods=["GET"])
@bind_client
@answer_people
async def get_run(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Answer 200 for a run in any state, 404 when there is none."""
    instance = await read_run(client, req.route_params["id"])
    return answer_run(req, instance, await read_delivery(client, instance), datetime.now(UTC))
