"""GET /runs/{id}: the run document."""

import azure.durable_functions as df
import azure.functions as func

from triggers.answers import answers_problems
from triggers.run_answers import described
from triggers.task_hub import read, read_delivery

blueprint = df.Blueprint()


@blueprint.route(route="runs/{id}", methods=["GET"])
@blueprint.durable_client_input(client_name="client")
@answers_problems
async def get_run(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Answer 200 whatever became of the run, 404 when there is none."""
    instance = await read(client, req.route_params["id"])
    return described(req, instance, await read_delivery(client, instance))
