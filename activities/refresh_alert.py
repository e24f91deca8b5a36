"""The refresh of one alert, or of all."""

from activities import blueprint, contain_faults
from alert_refresh.graph.calls import refresh
from alert_refresh.run.observations import Observation, RefreshRequest


@blueprint.activity_trigger(input_name="request")
@contain_faults
async def refresh_alert(request: RefreshRequest) -> Observation:
    """POST the refresh once. The scan takes minutes. When it succeeds, dismissed alerts are active again."""
    return await refresh(request["alertId"])
