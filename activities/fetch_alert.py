"""The alert that an operation has scanned."""

import uuid

import azure.durable_functions as df

from domain.observation import AlertLook, Observation
from domain.settings import settings
from graph.errors import UntrustedUrl
from graph.look import look
from graph.trouble import observed_trouble
from graph.urls import alert_url

blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="question")
async def fetch_alert(question: AlertLook) -> Observation:
    """GET the alert at the operation's `resourceLocation`, which is server data and gets a token only under Graph.

    https://learn.microsoft.com/graph/api/unifiedrolemanagementalert-get?view=graph-rest-beta
    """
    base_url, location = settings().graph_base_url, question["resourceLocation"]
    try:
        url = alert_url(base_url, location, question["select"], question["expand"])
    except UntrustedUrl as error:
        return observed_trouble(error, "alert", str(uuid.uuid4()))
    return await look(url, "alert")
