"""GET /doctor: what is wrong with this deployment, and what to do."""

from os import environ

import azure.functions as func

from alert_refresh.app import app
from alert_refresh.doctor import examine
from alert_refresh.hub.client import Client, bind_client
from alert_refresh.web.page_responses import answer_report


@app.route(route="doctor", methods=["GET"])
@bind_client
async def doctor(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Answer 200 within 20 s, whatever the checks find. The settings may be wrong."""
    return answer_report(req, await examine(client, environ))
