"""A new scan of every alert."""

from activities import blueprint, contain_faults
from domain.observation import AllAlertsRefresh, Observation
from domain.settings import settings
from graph.refresh import refresh
from graph.urls import SCOPE, refresh_all_url


@blueprint.activity_trigger(input_name="question")
@contain_faults
async def refresh_all_alerts(question: AllAlertsRefresh) -> Observation:  # noqa: ARG001 - every activity has an input
    """POST the refresh once. The scan takes minutes; when it succeeds, alerts that were dismissed are active again.

    https://learn.microsoft.com/graph/api/unifiedrolemanagementalert-refresh?view=graph-rest-beta
    """
    base_url = settings().graph_base_url
    return await refresh(base_url, refresh_all_url(base_url), SCOPE)
