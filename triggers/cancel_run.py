"""DELETE /runs/{id}: cancel the run; also the unsubscribe call of a Logic App's webhook."""

import azure.durable_functions as df
import azure.functions as func

from domain.delivery import delivery_id
from domain.instance import is_alive, state_of
from domain.problem import problem
from triggers import blueprint
from triggers.answers import answers_problems, problem_answer
from triggers.durable_client import durable_client_input
from triggers.endpoint import Answer, Endpoint
from triggers.run_outcomes import RUN_ID
from triggers.task_hub import cancel, read, read_delivery

ENDPOINT = Endpoint(
    method="DELETE",
    route="runs/{id}",
    name="cancelRun",
    summary="Cancel a run",
    description=(
        "The run will be cancelled; its result answers 410 then. Of a run that is over, whose callback is still being "
        "delivered, the delivery is given up. This is also the unsubscribe call of a Logic Apps webhook."
    ),
    parameters=[RUN_ID],
    answers=[Answer(202, "The run, or the delivery of its callback, will be cancelled.")],
    problems=["run-over", "run-not-found", "task-hub-unavailable"],
)


@blueprint.route(route=ENDPOINT.route, methods=[ENDPOINT.method])
@durable_client_input(blueprint)
@answers_problems
async def cancel_run(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Answer 202 when the run, or the delivery of its outcome, will end; 410 when all is over, 404 when there is none.

    A subscriber that is gone wants no more attempts either.
    """
    instance = await read(client, req.route_params["id"])
    if is_alive(instance):
        await cancel(client, instance.id)
        return func.HttpResponse(status_code=202)
    delivery = await read_delivery(client, instance)
    if delivery and delivery["state"] == "delivering":
        await cancel(client, delivery_id(instance.id, instance.run))
        return func.HttpResponse(status_code=202)
    return problem_answer(problem("run-over", f"It is {state_of(instance)}; there is nothing to cancel."))
