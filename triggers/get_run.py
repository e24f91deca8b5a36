"""GET /runs/{id}: the run document."""

import azure.durable_functions as df
import azure.functions as func

from domain.run_document import RunDocument
from triggers import blueprint
from triggers.answers import answers_problems
from triggers.endpoint import Answer, Endpoint
from triggers.run_answers import described
from triggers.run_outcomes import RUN_ID
from triggers.samples import SAMPLE_RUN
from triggers.task_hub import read, read_delivery

ENDPOINT = Endpoint(
    method="GET",
    route="runs/{id}",
    name="getRun",
    summary="Read a run",
    description="The run document, whatever became of the run. To wait for its end, follow the result instead.",
    parameters=[RUN_ID],
    answers=[Answer(200, "The run document.", RunDocument, example=SAMPLE_RUN)],
    problems=["run-not-found", "task-hub-unavailable"],
)


@blueprint.route(route=ENDPOINT.route, methods=[ENDPOINT.method])
@blueprint.durable_client_input(client_name="client")
@answers_problems
async def get_run(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Answer 200 whatever became of the run, 404 when there is none."""
    instance = await read(client, req.route_params["id"])
    return described(req, instance, await read_delivery(client, instance))
