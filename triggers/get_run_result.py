"""GET /runs/{id}/result: what a poller follows."""

import azure.durable_functions as df
import azure.functions as func

from triggers import blueprint
from triggers.answers import answers_problems
from triggers.durable_client import durable_client_input
from triggers.endpoint import Endpoint
from triggers.preference import PREFER
from triggers.run_answers import outcome
from triggers.run_outcomes import ACCEPTED, ENDED_BADLY, RUN_ID, SUCCEEDED
from triggers.task_hub import read

ENDPOINT = Endpoint(
    method="GET",
    route="runs/{id}/result",
    name="getRunResult",
    summary="Follow the result",
    description=(
        "202 while the run is on its way, to be asked again after `Retry-After` seconds; then what it came to: 200 "
        "with the result, 424 with the problem of a run that failed or timed out, 410 when it was cancelled. This is "
        "the asynchronous request-reply pattern, which the HTTP action of Logic Apps follows by itself."
    ),
    parameters=[RUN_ID, PREFER],
    answers=[ACCEPTED, SUCCEEDED],
    problems=[*ENDED_BADLY, "run-cancelled", "run-not-found", "task-hub-unavailable"],
)


@blueprint.route(route=ENDPOINT.route, methods=[ENDPOINT.method])
@durable_client_input(blueprint)
@answers_problems
async def get_run_result(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Answer 202 while the run is on its way, then 200 with the result, 424 with the problem, or 410 when cancelled.

    https://learn.microsoft.com/azure/architecture/patterns/async-request-reply
    """
    return await outcome(req, client, await read(client, req.route_params["id"]))
