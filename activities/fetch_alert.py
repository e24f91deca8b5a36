"""One look at an alert."""

import uuid

from activities import blueprint, contain_faults
from domain.incidents import trimmed
from domain.observation import AlertLook, Observation
from domain.settings import settings
from graph.errors import UntrustedUrl
from graph.links import is_alerts_collection
from graph.look import look, look_at_page
from graph.trouble import observed_trouble
from graph.urls import alert_by_id_url, alert_url, alerts_url


@blueprint.activity_trigger(input_name="question")
@contain_faults
async def fetch_alert(question: AlertLook) -> Observation:
    """GET the alert by its id, or at an operation's `resourceLocation`: server data, and no token goes outside Graph.

    https://learn.microsoft.com/graph/api/unifiedrolemanagementalert-get?view=graph-rest-beta
    """
    base_url, select, expand = settings().graph_base_url, question["select"], question["expand"]
    location = question.get("resourceLocation", "")
    if is_alerts_collection(base_url, location):
        # The refresh of all alerts leads to all of them.
        page = await look_at_page(alerts_url(base_url, select, expand), None, "alerts")
        return trimmed(page, question["limit"])
    try:
        if "alertId" in question:
            url = alert_by_id_url(base_url, question["alertId"], select, expand)
        else:
            url = alert_url(base_url, location, select, expand)
    except UntrustedUrl as error:
        return observed_trouble(error, "alert", str(uuid.uuid4()))
    seen = await look(url, "alert")
    return trimmed({**seen, "incidentsUrl": f"{url.partition('?')[0]}/alertIncidents"}, question["limit"])
