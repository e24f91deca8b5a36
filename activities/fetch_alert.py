"""One fetch: GET the alert, or all alerts, with all pages of their incidents."""

from alert_refresh.app import app, contain_faults
from alert_refresh.graph.fetch import fetch
from alert_refresh.run.observations import FetchRequest, Observation


@app.activity_trigger(input_name="request")
@contain_faults
async def fetch_alert(request: FetchRequest) -> Observation:
    return await fetch(request)
