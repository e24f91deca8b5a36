"""DELETE /runs/{id}: cancel the run."""

import azure.durable_functions as df
import azure.functions as func

from domain.problem import problem
from domain.run_document import is_alive, state_of
from triggers.answers import answers_problems, problem_answer
from triggers.task_hub import cancel, read

blueprint = df.Blueprint()


@blueprint.route(route="runs/{id}", methods=["DELETE"])
@blueprint.durable_client_input(client_name="client")
@answers_problems
async def cancel_run(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Answer 202 when the run will be cancelled, 410 when it is over, 404 when there is none."""
    instance = await read(client, req.route_params["id"])
    if not is_alive(instance):
        detail = f"It is {state_of(instance)}; there is nothing to cancel."
        return problem_answer(problem("run-over", detail))
    await cancel(client, instance.id)
    return func.HttpResponse(status_code=202)
