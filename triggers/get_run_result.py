"""GET /runs/{id}/result: what a poller follows."""

import azure.durable_functions as df
import azure.functions as func

from triggers.answers import answers_problems
from triggers.run_answers import outcome
from triggers.task_hub import read

blueprint = df.Blueprint()


@blueprint.route(route="runs/{id}/result", methods=["GET"])
@blueprint.durable_client_input(client_name="client")
@answers_problems
async def get_run_result(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Answer 202 while the run is on its way, then 200 with the result, 424 with the problem, or 410 when cancelled.

    https://learn.microsoft.com/azure/architecture/patterns/async-request-reply
    """
    return await outcome(req, client, await read(client, req.route_params["id"]))
