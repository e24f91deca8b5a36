"""An alert, of one or of all, as a page shows it."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, cast

from domain.incidents import incidents_of
from domain.outcome import AlertsResult, Result, alerts_of
from pages.incidents import Table, incident_table
from pages.words import Moment, alert_name, moment

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
"""In those texts, for numbers that Graph does not send."""


class Alert(NamedTuple):
    """Members are None where Graph was not asked, or did not say."""

    name: str
    severity: str | None
    active: bool | None
    incident_count: int | None
    scanned: Moment | None
    fresh: bool | None
    meanings: Mapping[str, str]
    """Heading → text as Graph sent it, tags included."""
    incidents: Table | None


def alerts_shown(result: Result | AlertsResult, now: datetime) -> list[Alert]:
    """Return the alerts of a result, the active ones first."""
    shown = [_alert(alert, _is_fresh(alert, result), now) for alert in alerts_of(result)]
    return sorted(shown, key=lambda alert: alert.active is not True)


def named(alert: Mapping[str, Any]) -> str:
    """Return the name that Microsoft gives the alert when its definition came along, or else the one in its id."""
    told = _definition(alert).get("displayName")
    return told if isinstance(told, str) and told else alert_name(str(alert.get("id")))


def _alert(alert: Mapping[str, Any], fresh: bool | None, now: datetime) -> Alert:  # noqa: FBT001 - one of three
    definition, incidents = _definition(alert), incidents_of(alert)
    active, count, severity = alert.get("isActive"), alert.get("incidentCount"), definition.get("severityLevel")
    return Alert(
        name=named(alert),
        severity=severity if isinstance(severity, str) else None,
        active=active if isinstance(active, bool) else None,
        incident_count=count if isinstance(count, int) else None,
        scanned=moment(alert.get("lastScannedDateTime"), now),
        fresh=fresh,
        meanings={
            heading: HOLES.sub("…", text)
            for name, heading in MEANINGS.items()
            if isinstance(text := definition.get(name), str) and text
        },
        incidents=None if incidents is None else incident_table(incidents, now),
    )


def _is_fresh(alert: Mapping[str, Any], result: Result | AlertsResult) -> bool | None:
    stale = cast("dict[str, Any]", result).get("notScanned")
    # When all are fresh, or nobody can tell of one, the verdict on all is that on each.
    return str(alert.get("id")) not in stale if stale else result["fresh"]


def _definition(alert: Mapping[str, Any]) -> Mapping[str, Any]:
    definition = alert.get("alertDefinition")
    return definition if isinstance(definition, Mapping) else {}
