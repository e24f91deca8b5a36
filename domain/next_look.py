"""Which activity looks next, and what it is asked."""

from domain.observation import Question
from domain.operation import Operation
from domain.run_state import RunState, incomplete


def next_look(run: RunState) -> tuple[str, Question]:
    """Return the name of the activity, and its input."""
    if run["phase"] == "fetching":
        return _fetch(run)
    if run["phase"] == "waiting":
        return "get_operation", {"operationId": run["operationId"] or ""}
    if "alertId" in run["target"]:
        return "refresh_alert", {"alertId": run["target"]["alertId"]}
    return "refresh_all_alerts", {}


def _fetch(run: RunState) -> tuple[str, Question]:
    limit, target = run["incidentsLimit"], run["target"]
    if run["incidents"] is not None:
        alert_id = str(incomplete(run).get("id"))
        return "list_incidents", {"alertId": alert_id, "nextLink": run["nextLink"], "limit": limit}
    select, expand = run["select"], run["expand"]
    if run["onlyIfChanged"]:
        # To compare, one must know them; and the caller wants to see what has changed.
        expand = sorted({*expand, "alertIncidents"})
        select = sorted({*select, "isActive", "incidentCount", "id"}) if select else []
    if "allAlerts" in target or run["nextLink"]:
        return "list_alerts", {"nextLink": run["nextLink"], "select": select, "expand": expand, "limit": limit}
    if run["fetches"]:
        # It does not show the scan: the configuration tells whether the alert is scanned at all.
        expand = sorted({*expand, "alertConfiguration"})
    if "alertId" in target:
        # Wherever the operation leads, this is the alert that was asked for.
        return "fetch_alert", {"alertId": target["alertId"], "select": select, "expand": expand, "limit": limit}
    location = Operation(run["operation"] or {}).resource_location
    return "fetch_alert", {"resourceLocation": location, "select": select, "expand": expand, "limit": limit}
