"""An alert and its incidents, as a page shows them."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from alert_refresh.pages.words import Moment, describe_moment, name_alert
from alert_refresh.run.changes import Changes
from alert_refresh.run.observations import count_incidents, list_incidents
from alert_refresh.run.outcome import AlertsResult, Result, list_alerts

MEANINGS = {
    "description": "What it means",
    "securityImpact": "Why it matters",
    "mitigationSteps": "What to do",
    "howToPrevent": "How to prevent it",
}
"""Texts of an alert definition, with headings.

https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementalertdefinition?view=graph-rest-beta
"""
HOLES = re.compile(r"\{[0-9]+\}")
"""Placeholders in those texts, for numbers that Graph does not send."""

MOST_ROWS = 200


def describe_alerts(result: Result | AlertsResult, now: datetime) -> list[dict[str, Any]]:
    """Return what the page shows of each alert of `result`, the active ones first.

    A member is None when the run did not fetch it, or Graph did not send it; `changes` also without `changesFor`.
    """
    views = [_describe_alert(alert, result, now) for alert in list_alerts(result)]
    return sorted(views, key=lambda view: view["active"] is not True)


def make_table(incidents: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """Return the table of incidents, with a column for each property that has a value in one of them. Ids come last.

    Graph has a type of incident for each alert, and may add properties to each type. `columns` are names of properties;
    `left_out` counts the incidents without a row.
    """
    shown = incidents[:MOST_ROWS]
    names = dict.fromkeys(name for each in shown for name, value in each.items() if "@" not in name and value != "")
    columns = [name for name in names if any(each.get(name) is not None for each in shown)]
    columns.sort(key=lambda name: name == "id" or name.endswith("Id"))
    rows = [[_describe_value(each.get(name), now) for name in columns] for each in shown]
    return {"columns": columns, "rows": rows, "left_out": len(incidents) - len(shown)}


def _describe_alert(alert: Mapping[str, Any], result: Result | AlertsResult, now: datetime) -> dict[str, Any]:
    alert_id, incidents = str(alert.get("id", "")), list_incidents(alert)
    definition = alert.get("alertDefinition")
    definition = definition if isinstance(definition, Mapping) else {}
    texts = {name: text for name, text in definition.items() if isinstance(text, str) and text}
    active, scanned = alert.get("isActive"), describe_moment(alert.get("lastScannedDateTime"), now)
    return {
        "name": texts.get("displayName") or name_alert(alert_id),
        "severity": texts.get("severityLevel"),
        "active": active if isinstance(active, bool) else None,
        "incident_count": count_incidents(alert),
        "scanned": alert.get("lastScannedDateTime"),
        "fresh": _judge(alert_id, result, known=scanned is not None),
        "changes": None if result["changes"] is None else _describe_changes(result["changes"].get(alert_id)),
        # As Graph sent it, with its tags.
        "meanings": {heading: HOLES.sub("…", texts[name]) for name, heading in MEANINGS.items() if name in texts},
        "incidents": None if incidents is None else make_table(incidents, now),
        "cut": next((each for each in result["incidentsCut"] if each["alertId"] == alert_id), None),
    }


def _judge(alert_id: str, result: Result | AlertsResult, *, known: bool) -> bool | None:
    """Return whether the alert is fresh. A result of all alerts names only those that are not."""
    if "alert" in result:
        return result["fresh"]
    if alert_id in result["notScanned"]:
        return False
    return True if known and result["fresh"] is not None else None


def _describe_changes(changes: Changes | None) -> str:
    if changes is None:
        return "Unknown"
    if changes["outdated"]:
        return "Not compared: a newer scan is known"
    if changes["firstTime"]:
        return "First time"
    counts = {"new": changes["added"], "gone": changes["removed"]}
    parts = [f"{len(ids)} {word}" for word, ids in counts.items() if ids]
    return ", ".join(parts) or ("Yes" if changes["changed"] else "None")


def _describe_value(value: object, now: datetime) -> Moment | str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        # Most texts are no times, and neither is a date without a time.
        return describe_moment(value, now) or value
    return json.dumps(value, ensure_ascii=False)
