"""One look at a long-running operation."""

from activities import blueprint, contain_faults
from domain.observation import Observation, OperationLook
from domain.settings import settings
from graph.look import look
from graph.urls import operation_url


@blueprint.activity_trigger(input_name="question")
@contain_faults
async def get_operation(question: OperationLook) -> Observation:
    """GET the operation once.

    https://learn.microsoft.com/graph/api/longrunningoperation-get?view=graph-rest-beta
    """
    return await look(operation_url(settings().graph_base_url, question["operationId"]), "operation")
