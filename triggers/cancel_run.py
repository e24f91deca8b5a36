"""DELETE /runs/{id}: cancel the run. A Logic App's webhook sends it to unsubscribe. The form of a page sends POST."""

import azure.functions as func

from alert_refresh.app import app
from alert_refresh.hub import client as hub
from alert_refresh.hub.client import Client, bind_client
from alert_refresh.run.documents import Instance
from alert_refresh.web.requests import prefers_page, read_caller
from alert_refresh.web.responses import PRIVATE, answer_people, answer_problems, answer_see_run


@app.route(route="runs/{id}", methods=["DELETE"])
@bind_client
@answer_problems
async def cancel_run(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Answer 202 when the hub has the request to end the run, or its delivery; 410 when both are over.

    A run that ends at the same moment can still succeed or fail: the run document says how it ended.
    """
    await _cancel(req, client)
    return func.HttpResponse(status_code=202, headers=PRIVATE)


@app.route(route="runs/{id}/cancel", methods=["POST"])
@bind_client
@answer_people
async def cancel_run_form(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Cancel as DELETE does, which an HTML form cannot send. A person goes on to the page of the run."""
    run = await _cancel(req, client)
    return answer_see_run(req, run.id) if prefers_page(req) else func.HttpResponse(status_code=202, headers=PRIVATE)


async def _cancel(req: func.HttpRequest, client: Client) -> Instance:
    instance = await hub.read_run(client, req.route_params["id"])
    await hub.cancel_run(client, instance, read_caller(req))
    return instance
