"""A new scan of one alert."""

from activities import blueprint, contain_faults
from domain.observation import AlertRefresh, Observation
from domain.settings import settings
from graph.refresh import refresh
from graph.urls import refresh_url


@blueprint.activity_trigger(input_name="question")
@contain_faults
async def refresh_alert(question: AlertRefresh) -> Observation:
    """POST the refresh once. The scan takes minutes; when it succeeds, an alert that was dismissed is active again.

    https://learn.microsoft.com/graph/api/unifiedrolemanagementalert-refresh?view=graph-rest-beta
    """
    base_url = settings().graph_base_url
    return await refresh(base_url, refresh_url(base_url, question["alertId"]))
