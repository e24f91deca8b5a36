"""POST the refresh of one alert, or of all. The scan takes minutes; it makes dismissed alerts active again."""

from alert_refresh.app import app, contain_faults
from alert_refresh.graph.calls import refresh
from alert_refresh.run.observations import Observation, RefreshRequest


@app.activity_trigger(input_name="request")
@contain_faults
async def refresh_alert(request: RefreshRequest) -> Observation:
    return await refresh(request["alertId"])
