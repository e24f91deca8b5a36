"""DELETE /runs/{id}: cancel the run. A Logic App's webhook sends it to unsubscribe."""

import azure.functions as func

from alert_refresh.app import app
from alert_refresh.hub import client as hub
from alert_refresh.hub.client import Client, bind_client
from alert_refresh.web.requests import read_caller
from alert_refresh.web.responses import PRIVATE, answer_problems


@app.route(route="runs/{id}", methods=["DELETE"])
@bind_client
@answer_problems
async def cancel_run(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Answer 202 when the hub has the request to end the run, or its delivery; 410 when both are over.

    A run that ends at the same moment can still succeed or fail: the run document says how it ended.
    """
    instance = await hub.read_run(client, req.route_params["id"])
    await hub.cancel_run(client, instance, read_caller(req))
    return func.HttpResponse(status_code=202, headers=PRIVATE)
