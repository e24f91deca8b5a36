"""GET /runs/{id}: the run document."""

import azure.durable_functions as df
import azure.functions as func

from domain.run_document import RunDocument
from triggers import blueprint
from triggers.durable_client import durable_client_input
from triggers.endpoint import Answer, Endpoint
from triggers.page_answers import REFRESH, answers_people, prefers_page, run_answer
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
    parameters=[RUN_ID, REFRESH],
    answers=[Answer(200, "The run document.", RunDocument, example=SAMPLE_RUN)],
    problems=["run-not-found", "task-hub-unavailable"],
    pages=True,
)


@blueprint.route(route=ENDPOINT.route, methods=[ENDPOINT.method])
@durable_client_input(blueprint)
@answers_people
async def get_run(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Answer 200 whatever became of the run, 404 when there is none."""
    instance = await read(client, req.route_params["id"])
    delivery = await read_delivery(client, instance)
    if prefers_page(req):
        # As the pages themselves: not at the start of the app.
        from triggers.task_hub_history import read_looks  # noqa: PLC0415

        return run_answer(req, instance, delivery, await read_looks(client, instance.id))
    return described(req, instance, delivery)
