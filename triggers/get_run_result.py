"""GET /runs/{id}/result: the result; a client polls here until the run has ended."""

from datetime import UTC, datetime

import azure.functions as func

from alert_refresh.app import app
from alert_refresh.hub.client import Client, bind_client, read_run, wait_for_end
from alert_refresh.run.documents import is_alive
from alert_refresh.web.requests import read_preferred_wait
from alert_refresh.web.responses import answer_outcome, answer_problems


@app.route(route="runs/{id}/result", methods=["GET"])
@bind_client
@answer_problems
async def get_run_result(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Answer 202 while the run goes on, then 200 with the result, 424 with the problem, or 410 when cancelled."""
    instance, seconds = await read_run(client, req.route_params["id"]), read_preferred_wait(req)
    if seconds and is_alive(instance, datetime.now(UTC)):
        instance = await wait_for_end(client, instance, seconds)
    return answer_outcome(req, instance, datetime.now(UTC))
