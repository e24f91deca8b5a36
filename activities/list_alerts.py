"""One page of all alerts."""

from activities import blueprint, contain_faults
from domain.incidents import trimmed
from domain.observation import AlertsLook, Observation
from domain.settings import settings
from graph.look import look_at_page
from graph.urls import alerts_url


@blueprint.activity_trigger(input_name="question")
@contain_faults
async def list_alerts(question: AlertsLook) -> Observation:
    """GET the page once.

    https://learn.microsoft.com/graph/api/rolemanagementalert-list-alerts?view=graph-rest-beta
    """
    first = alerts_url(settings().graph_base_url, question["select"], question["expand"])
    return trimmed(await look_at_page(first, question["nextLink"], "alerts"), question["limit"])
