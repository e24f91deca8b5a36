"""One poll: GET the operation once."""

from activities import blueprint, contain_faults
from alert_refresh.graph import calls
from alert_refresh.run.observations import Observation, OperationRequest


@blueprint.activity_trigger(input_name="request")
@contain_faults
async def get_operation(request: OperationRequest) -> Observation:
    return await calls.get_operation(request["operationId"])
