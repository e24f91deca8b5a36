"""DELETE /runs/{id}: cancel the run; also the unsubscribe call of a Logic App's webhook."""

import azure.durable_functions as df
import azure.functions as func

from domain.instance import is_alive, state_of
from domain.problem import problem
from triggers import blueprint
from triggers.answers import answers_problems, problem_answer
from triggers.durable_client import durable_client_input
from triggers.endpoint import Answer, Endpoint
from triggers.run_outcomes import RUN_ID
from triggers.task_hub import RunOver, cancel, cancel_delivery, read, read_delivery

ENDPOINT = Endpoint(
    method="DELETE",
    route="runs/{id}",
    name="cancelRun",
    summary="Cancel a run",
    description=(
        "Asks the run to end; its result answers 410 then. A cancel is a request: a run that is about to end when it "
        "arrives ends as it would have, and the run document tells how. Of a run that is over, whose callback is still "
        "being delivered, the delivery is given up. This is also the unsubscribe call of a Logic Apps webhook."
    ),
    parameters=[RUN_ID],
    answers=[Answer(202, "The run, or the delivery of its callback, is asked to end.")],
    problems=["run-over", "run-not-found", "task-hub-unavailable"],
)


@blueprint.route(route=ENDPOINT.route, methods=[ENDPOINT.method])
@durable_client_input(blueprint)
@answers_problems
async def cancel_run(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Answer 202 when the run, or its delivery, is asked to end; 410 when all is over, 404 when there is none.

    A subscriber that is gone wants no more attempts either.
    """
    instance = await read(client, req.route_params["id"])
    if is_alive(instance):
        try:
            await cancel(client, instance.id)
            return func.HttpResponse(status_code=202)
        except RunOver:
            # It ended since it was read: its delivery may have begun.
            instance = await read(client, instance.id)
    delivery = await read_delivery(client, instance)
    if delivery and delivery["state"] == "delivering":
        await cancel_delivery(client, instance)
        return func.HttpResponse(status_code=202)
    if is_alive(instance):
        raise RunOver(instance.id)
    return problem_answer(problem("run-over", f"It is {state_of(instance)}; there is nothing to cancel."))
