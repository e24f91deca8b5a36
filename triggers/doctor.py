"""GET /doctor: what is wrong with this deployment, and what to do."""

from datetime import UTC, datetime
from os import environ

import azure.functions as func

from alert_refresh.app import app
from alert_refresh.doctor import examine
from alert_refresh.hub.client import Client, bind_client
from alert_refresh.pages.run import render_report
from alert_refresh.web.page_responses import answer_document


@app.route(route="doctor", methods=["GET"])
@bind_client
async def doctor(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Answer 200 within 20 s, whatever the checks find. The settings may be wrong."""
    return answer_document(req, await examine(client, environ), render_report, datetime.now(UTC))
