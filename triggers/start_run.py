"""POST /runs: start a run, or join the one that asks the same."""

from datetime import UTC, datetime

import azure.durable_functions as df
import azure.functions as func

from domain.settings import settings
from triggers.answers import answers_problems
from triggers.preference import preferred_wait
from triggers.run_answers import accepted, outcome
from triggers.start_request import parse_start
from triggers.task_hub import read_delivery, start

blueprint = df.Blueprint()


@blueprint.route(route="runs", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
@answers_problems
async def start_run(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Answer 202 with the run document, `Location` of the result and `Retry-After`.

    A caller that prefers to wait gets what the result would answer, when the run ends in time.
    """
    now = datetime.now(UTC)
    run_id, run = parse_start(req, settings(), now)
    instance = await start(client, run_id, run)
    if preferred_wait(req):
        return await outcome(req, client, instance)
    return accepted(req, instance, await read_delivery(client, instance), now)
