"""One poll: GET the operation once."""

from alert_refresh.app import app, contain_faults
from alert_refresh.graph import calls
from alert_refresh.run.observations import Observation, OperationRequest


@app.activity_trigger(input_name="request")
@contain_faults
async def get_operation(request: OperationRequest) -> Observation:
    return await calls.get_operation(request["operationId"])
