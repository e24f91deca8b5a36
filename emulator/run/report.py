"""The result of a run as people read it: one alert with its incidents, or every alert in a table."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

HEADS = {
    "roleDisplayName": "Role",
    "assigneeDisplayName": "Assignee",
    "assigneeUserPrincipalName": "User principal name",
    "assignmentCreatedDateTime": "Assigned",
    "lastSignInDateTime": "Last sign-in",
}
SEVERITIES = {"high": "bold red", "medium": "yellow", "low": "cyan", "informational": "dim"}
"""Severity → its colour, the worst first."""

FRESHNESS = {True: "fresh", False: "not fresh", None: "not known whether fresh"}


def report(result: dict[str, Any]) -> Iterator[Table]:
    """Yield what the result is about, and its table when there is one."""
    return _every_alert(result) if "alerts" in result else _one_alert(result)


def _one_alert(result: dict[str, Any]) -> Iterator[Table]:
    alert = result["alert"]
    incidents = alert.get("alertIncidents") or []
    about = Table.grid(padding=(0, 2))
    about.add_row("Alert", f"[bold]{_title(alert)}[/]")
    about.add_row("Severity", _severity(alert))
    about.add_row("Active", _active(alert))
    about.add_row("Scanned", _describe_scan(result))
    about.add_row("Incidents", _incidents(alert, result))
    yield about
    if incidents:
        # One row each, with the columns that this alert's kind of incident has.
        names = [name for name in incidents[0] if "@" not in name and not name.lower().endswith("id")]
        table = Table(header_style="bold", box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for name in names:
            table.add_column(HEADS.get(name) or _words(name), overflow="fold")
        for incident in incidents:
            table.add_row(
                *(
                    _day(incident.get(name)) if name.endswith("DateTime") else _cell(incident.get(name))
                    for name in names
                )
            )
        yield table


def _every_alert(result: dict[str, Any]) -> Iterator[Table]:
    alerts = result["alerts"]
    about = Table.grid(padding=(0, 2))
    about.add_row("Alerts", f"[bold]{sum(bool(alert.get('isActive')) for alert in alerts)} of {len(alerts)} active[/]")
    about.add_row("Scanned", _describe_scan(result))
    yield about
    table = Table(header_style="bold", box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for head in ("Alert", "Severity", "Active", "Incidents", "Scanned"):
        table.add_column(head, overflow="fold")
    for alert in sorted(alerts, key=_rank):
        skipped = " (not by this scan)" if alert["id"] in result["notScanned"] else ""
        scanned = format_moment(alert.get("lastScannedDateTime")) + skipped
        table.add_row(_title(alert), _severity(alert), _active(alert), _cell(alert.get("incidentCount")), scanned)
    yield table


def _title(alert: dict[str, Any]) -> str:
    return escape(_definition(alert).get("displayName") or alert["id"])


def _severity(alert: dict[str, Any]) -> str:
    severity = str(_definition(alert).get("severityLevel", "not asked for"))
    return f"[{SEVERITIES.get(severity, 'default')}]{escape(severity)}[/]"


def _active(alert: dict[str, Any]) -> str:
    return "[bold red]yes[/]" if alert.get("isActive") else "[green]no[/]"


def _rank(alert: dict[str, Any]) -> tuple[int, bool, str]:
    """Return what alerts are sorted by: the worst first, and of these the active ones."""
    order, severity = list(SEVERITIES), _definition(alert).get("severityLevel")
    return order.index(severity) if severity in order else len(order), not alert.get("isActive"), _title(alert)


def _definition(alert: dict[str, Any]) -> dict[str, Any]:
    return alert.get("alertDefinition") or {}


def _describe_scan(result: dict[str, Any]) -> str:
    return f"{format_moment(result['scannedAt'])} ({FRESHNESS[result['fresh']]})"


def _incidents(alert: dict[str, Any], result: dict[str, Any]) -> str:
    cut = next((cut for cut in result["incidentsCut"] if cut["alertId"] == alert["id"]), None)
    if cut is None:
        return _cell(alert.get("incidentCount"))
    count = "" if cut["count"] is None else f" of {cut['count']}"
    return f"first {cut['returned']}{count}; all of them: {escape(cut['url'])}"


def _words(name: str) -> str:
    """`sequenceStartDateTime` → `Sequence start date time`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def _cell(value: Any) -> str:
    return "-" if value is None else escape(str(value))


def _day(value: Any) -> str:
    return format_moment(value, "%Y-%m-%d")


def format_moment(value: Any, form: str = "%Y-%m-%d %H:%M:%S %Z") -> str:
    try:
        return datetime.fromisoformat(str(value)).astimezone().strftime(form)
    except ValueError:
        return "-"
