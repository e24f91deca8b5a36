"""The incidents of an alert: whether all of them are there, and how many the durable history has room for.

https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementalertincident?view=graph-rest-beta
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

INCIDENTS = "alertIncidents"
NEXT_LINK = f"{INCIDENTS}@odata.nextLink"


def list_incidents(alert: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the incidents that came with the alert; None when they were not expanded.

    An incident that is not an object is left out: nobody can show or compare it.
    """
    incidents = alert.get(INCIDENTS)
    if not isinstance(incidents, list):
        return None
    return [incident for incident in incidents if isinstance(incident, dict)]


def count_incidents(alert: Mapping[str, Any]) -> int | None:
    """Return how many incidents the alert has, by its `incidentCount`; None when Graph sent none."""
    count = alert.get("incidentCount")
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def find_next_link(alert: Mapping[str, Any]) -> str | None:
    """Return the URL of the next page of the expanded incidents; None when Graph names none."""
    link = alert.get(NEXT_LINK)
    return link if isinstance(link, str) and link else None


def are_missing(alert: Mapping[str, Any]) -> bool:
    """Tell whether expanded incidents are missing. Graph may cut an expansion, even without a link to the rest."""
    incidents, count = list_incidents(alert), count_incidents(alert)
    if incidents is None:
        return False
    return find_next_link(alert) is not None or (count is not None and count > len(incidents))


def replace_incidents(alert: Mapping[str, Any], incidents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the alert with `incidents`, as if Graph had sent them all together."""
    return {**{name: value for name, value in alert.items() if name != NEXT_LINK}, INCIDENTS: list(incidents)}


def measure(document: Any) -> int:
    """Return the bytes of `document` as the durable history stores it: JSON in ASCII."""
    return len(json.dumps(document, separators=(",", ":")))


def fit_incidents(alerts: Sequence[Mapping[str, Any]], limit: int) -> list[int]:
    """Return how many incidents of each alert fit into `limit` bytes together, the smallest alerts first.

    An alert without expanded incidents has 0.
    """
    sizes = [[measure(incident) + 1 for incident in list_incidents(alert) or []] for alert in alerts]
    kept = [0] * len(alerts)
    left = limit
    for place in sorted(range(len(alerts)), key=lambda place: sum(sizes[place])):
        for size in sizes[place]:
            if size > left:
                # With a later one, the list would have a hole.
                break
            left -= size
            kept[place] += 1
    return kept
