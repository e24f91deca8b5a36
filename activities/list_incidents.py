"""One page of the incidents of an alert."""

from activities import blueprint, contain_faults
from domain.incidents import trimmed
from domain.observation import IncidentsLook, Observation
from domain.settings import settings
from graph.look import look_at_page
from graph.urls import incidents_url


@blueprint.activity_trigger(input_name="question")
@contain_faults
async def list_incidents(question: IncidentsLook) -> Observation:
    """GET the page once. Its link may also be the `alertIncidents@odata.nextLink` of an alert that was expanded.

    https://learn.microsoft.com/graph/api/unifiedrolemanagementalert-list-alertincidents?view=graph-rest-beta
    """
    first = incidents_url(settings().graph_base_url, question["alertId"])
    return trimmed(await look_at_page(first, question["nextLink"], "incidents"), question["limit"])
