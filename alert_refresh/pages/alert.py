"""An alert and its incidents, as a page shows them."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from alert_refresh.pages.words import Moment, describe_moment, label_incident, make_portal_url, name_alert, split_words
from alert_refresh.run.changes import Changes, apply_ignore
from alert_refresh.run.observations import count_incidents, list_incidents
from alert_refresh.run.outcome import AlertsResult, Result, extract_alerts
from alert_refresh.timestamps import parse_scan_time

MEANINGS = {
    "description": "What it means",
    "securityImpact": "Why it matters",
    "mitigationSteps": "What to do",
    "howToPrevent": "How to prevent it",
}
"""Texts of an alert definition, with headings.

https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementalertdefinition?view=graph-rest-beta
"""
COUNT = re.compile(r"\A\{0\}")
HOLES = re.compile(r"\{[0-9]+\}")
"""Placeholders in those texts, for numbers that Graph does not send. At the beginning it is the number of incidents:
"{0} account(s) have not signed in during the past {1} day(s)"."""

NOTHING = "—"
MOST_ROWS = 200

HEADINGS = {
    "roleDisplayName": "Role",
    "assigneeDisplayName": "Person",
    "assigneeUserPrincipalName": "User principal name",
}
"""The first columns of a table of incidents: what a reader looks for."""


class Shown(NamedTuple):
    """What changed in an alert: a few words, and the incidents by the names of people and roles."""

    summary: str
    added: Sequence[str] = ()
    removed: Sequence[str] = ()


def describe_alert(alert: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return what a page shows of `alert`, as Graph sent it. A member is None when Graph did not send it.

    The result of a run adds `fresh`, `changes` (`Shown`, or None) and `cut` (of `incidentsCut`, or None).
    """
    alert_id, count, incidents = str(alert.get("id", "")), count_incidents(alert), list_incidents(alert)
    definition = alert.get("alertDefinition")
    definition = definition if isinstance(definition, Mapping) else {}
    texts = {name: text for name, text in definition.items() if isinstance(text, str) and text}
    active, scanned = alert.get("isActive"), alert.get("lastScannedDateTime")
    return {
        "id": alert_id,
        "name": texts.get("displayName") or name_alert(alert_id),
        "severity": texts.get("severityLevel"),
        "active": active if isinstance(active, bool) else None,
        "incident_count": count,
        "scanned": scanned if parse_scan_time(scanned) else None,
        "portal_url": make_portal_url(alert_id),
        # As Graph sent it, with its tags.
        "meanings": {heading: _fill(texts[name], count) for name, heading in MEANINGS.items() if name in texts},
        "incidents": None if incidents is None else make_table(incidents, now),
    }


def describe_alerts(result: Result | AlertsResult, alert_id: str, now: datetime) -> list[dict[str, Any]]:
    """Return what the page shows of each alert of `result`, the active ones first.

    `alert_id` is that of the only alert: the alert itself has no id when the caller did not select it.
    """
    alerts = [{**({"id": alert_id} if "alert" in result else {}), **alert} for alert in extract_alerts(result)]
    views = [{**describe_alert(alert, now), **_describe_outcome(alert, result)} for alert in alerts]
    return sorted(views, key=lambda view: view["active"] is not True)


def make_table(incidents: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """Return the table of incidents: a column for each property that differs between them, and no ids.

    Graph has a type of incident for each alert, and may add properties to each type. `columns` are headings, `common`
    has the properties that are the same in all rows, by heading, and `left_out` counts the incidents without a row.
    """
    shown = incidents[:MOST_ROWS]
    names = dict.fromkeys([*HEADINGS, *(name for each in shown for name in each)])
    texts = {name: [_describe_value(each.get(name), now) for each in shown] for name in names}
    known = {name: each for name, each in texts.items() if set(each) - {NOTHING} and not re.search("@|^id$|Id$", name)}
    common = {name: column[0] for name, column in known.items() if len(column) > 1 and len(set(column)) == 1}
    columns = {name: column for name, column in known.items() if name not in common}
    return {
        "columns": [_name_property(name) for name in columns],
        "rows": list(zip(*columns.values(), strict=True)),
        "common": [(_name_property(name), text) for name, text in common.items()],
        "count": len(shown),
        "left_out": len(incidents) - len(shown),
    }


def _describe_outcome(alert: Mapping[str, Any], result: Result | AlertsResult) -> dict[str, Any]:
    """Return what only the result of a run says of `alert`."""
    alert_id = str(alert.get("id", ""))
    changes = result["changes"]
    if changes is not None and "alert" in result:
        # It has one entry, by the id that Graph sent.
        changes = dict.fromkeys([alert_id], next(iter(changes.values()), None))
    return {
        "fresh": _judge(alert_id, result, known=parse_scan_time(alert.get("lastScannedDateTime")) is not None),
        "changes": None if changes is None else summarize_changes(alert, changes.get(alert_id)),
        "cut": next((each for each in result["incidentsCut"] if each["alertId"] == alert_id), None),
    }


def _judge(alert_id: str, result: Result | AlertsResult, *, known: bool) -> bool | None:
    """Return whether the alert is fresh. A result of all alerts names only those that are not."""
    if "alert" in result:
        return result["fresh"]
    if alert_id in result["notScanned"]:
        return False
    return True if known and result["fresh"] is not None else None


def summarize_changes(alert: Mapping[str, Any], changes: Changes | None) -> Shown:
    """Return what changed in `alert` for its subscriber, in words."""
    if changes is None:
        return Shown("Not known: the alert could not be compared")
    if changes["outdated"]:
        return Shown("Not compared: the subscriber has a newer scan")
    if changes["firstTime"]:
        return Shown("First time: everything is new")
    if not changes["changed"]:
        # The alert of Graph may be active before and now, and that of the subscriber may not: CHANGES_IGNORE.
        return Shown("Nothing")
    added, removed = changes["added"] or [], changes["removed"] or []
    parts = [f"{len(each)} {word}" for word, each in (("new", added), ("gone", removed)) if each]
    active = apply_ignore(alert, changes).get("isActive")
    if isinstance(active, bool) and changes["activeBefore"] not in {None, active}:
        parts.insert(0, "active now" if active else "no longer active")
    summary = ", ".join(parts) or "Yes"
    return Shown(summary[:1].upper() + summary[1:], [*map(label_incident, added)], [*map(label_incident, removed)])


def _name_property(name: str) -> str:
    return HEADINGS.get(name) or split_words(name.removesuffix("DateTime"))


def _fill(text: str, count: int | None) -> str:
    return HOLES.sub("…", text if count is None else COUNT.sub(str(count), text))


def _describe_value(value: object, now: datetime) -> Moment | str:
    # The last is how .NET writes "never".
    if value in (None, "") or (isinstance(value, str) and value.startswith("0001-01-01T")):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        # Most texts are no times, and neither is a date without a time.
        return describe_moment(value, now) or value
    return json.dumps(value, ensure_ascii=False)
