"""DELETE /runs/{id}: cancel the run; also the unsubscribe call of a Logic App's webhook."""

import azure.durable_functions as df
import azure.functions as func

from alert_refresh.hub import runs
from alert_refresh.hub.client import bind_client
from alert_refresh.web.responses import PRIVATE, answer_problems
from triggers import blueprint


@blueprint.route(route="runs/{id}", methods=["DELETE"])
@bind_client(blueprint)
@answer_problems
async def cancel_run(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Answer 202 when the request to end the run, or its delivery, has reached the hub; 410 when all is over.

    A run that ends in the same moment still succeeds or fails: the run document says how it ended.
    """
    await runs.cancel_run(client, await runs.read_run(client, req.route_params["id"]))
    return func.HttpResponse(status_code=202, headers=PRIVATE)
