"""The incidents of an alert: whether all of them came along, and whether they fit into the durable history.

https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementalertincident?view=graph-rest-beta
"""

import json
from collections.abc import Mapping
from typing import Any

from domain.observation import Observation, Page

INCIDENTS = "alertIncidents"
NEXT_LINK = f"{INCIDENTS}@odata.nextLink"


def incidents_of(alert: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the incidents that came along with the alert, or None when they were not expanded."""
    incidents = alert.get(INCIDENTS)
    return incidents if isinstance(incidents, list) else None


def next_link_of(alert: Mapping[str, Any]) -> str | None:
    """Return the URL at which the expanded incidents go on, or None when Graph names none."""
    link = alert.get(NEXT_LINK)
    return link if isinstance(link, str) and link else None


def are_cut(alert: Mapping[str, Any]) -> bool:
    """Tell whether incidents are missing. Graph may cut an expansion, with a link to the rest or without a word."""
    incidents, count = incidents_of(alert), alert.get("incidentCount")
    if incidents is None:
        return False
    return next_link_of(alert) is not None or (isinstance(count, int) and count > len(incidents))


def incident_ids(alert: Mapping[str, Any]) -> list[str] | None:
    """Return the ids of the incidents of the alert, or None when it has come without them."""
    incidents = incidents_of(alert)
    return None if incidents is None else [str(incident.get("id")) for incident in incidents]


def with_incidents(alert: Mapping[str, Any], incidents: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the alert with all its incidents, as if Graph had not cut them."""
    return {**{name: value for name, value in alert.items() if name != NEXT_LINK}, INCIDENTS: incidents}


def without_incidents(alert: Mapping[str, Any]) -> dict[str, Any]:
    """Return the alert without incidents and all that is said of them."""
    return {name: value for name, value in alert.items() if name.partition("@")[0] != INCIDENTS}


def size(document: Any) -> int:
    """Return the bytes of `document` as JSON in UTF-8."""
    # A lone surrogate, which JSON lets through, has no UTF-8.
    return len(json.dumps(document, ensure_ascii=False).encode(errors="replace"))


def trimmed(observation: Observation, limit: int) -> Observation:
    """Return what the durable history has room for: alerts of more than `limit` bytes go without incidents."""
    if observation["kind"] == "alert" and size(observation["alert"]) > limit:
        alert = observation["alert"]
        return {**observation, "alert": without_incidents(alert), "truncated": incidents_of(alert) is not None}
    if observation["kind"] == "alerts" and size(page := observation["page"]) > limit:
        bare: Page = {**page, "value": [without_incidents(alert) for alert in page["value"]]}
        return {**observation, "page": bare, "truncated": bare != page}
    if observation["kind"] == "incidents" and size(observation["page"]) > limit:
        return {**observation, "page": {"value": [], "nextLink": None}, "truncated": True}
    return observation
