"""What a run looks like on a terminal; without one the same lines come out plain."""

import re
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

SHADES = {"succeeded": "green", "failed": "red", "skipped": "red", "running": "yellow", "notStarted": "yellow"}
HEADS = {
    "roleDisplayName": "Role",
    "assigneeDisplayName": "Assignee",
    "assigneeUserPrincipalName": "User principal name",
    "assignmentCreatedDateTime": "Assigned",
    "lastSignInDateTime": "Last sign-in",
}
PLUMBING = frozenset({"id", "assigneeId", "roleDefinitionId", "roleTemplateId"})
"""Properties of an incident that tell a person nothing."""


class View:
    def __init__(self, console: Console) -> None:
        self._console = console

    def accepted(self, run: dict[str, Any], location: str) -> None:
        self._line("accepted", f"run {run['id']}")
        self._line("", f"operation {run['target']['operationId']}")
        self._line("", f"result at {location}")

    def look(self, run: dict[str, Any]) -> None:
        status = (run["operation"] or {}).get("status", "no answer")
        shade = SHADES.get(status, "white")
        following = f"next look at {_clock(run['nextPollAt'])}" if run["nextPollAt"] else ""
        self._line(f"look {run['polls']}", f"[{shade}]{escape(status):<11}[/] {following}")

    def problem(self, problem: dict[str, Any]) -> None:
        self._line("[red]failed   [/]", f"[red]{escape(problem['title'])}[/]")
        self._line("", escape(problem["detail"]))

    def alert(self, result: dict[str, Any]) -> None:
        """Show the alert and its incidents, one row each, with the columns that its kind of incident has."""
        alert = result["alert"]
        definition = alert.get("alertDefinition") or {}
        incidents = alert.get("alertIncidents") or []
        about = Table.grid(padding=(0, 2))
        about.add_row("Alert", f"[bold]{escape(definition.get('displayName') or alert['id'])}[/]")
        about.add_row("Severity", str(definition.get("severityLevel", "not asked for")))
        about.add_row("Active", "yes" if alert.get("isActive") else "no")
        about.add_row("Scanned", f"{result['scannedAt']} ({'fresh' if result['fresh'] else 'not fresh'})")
        about.add_row("Incidents", f"{alert.get('incidentCount')} ({len(incidents)} shown)")
        self._console.print()
        self._console.print(about)
        if incidents:
            self._console.print(_table(incidents))

    def _line(self, what: str, text: str) -> None:
        now = f"{datetime.now().astimezone():%H:%M:%S}"
        self._console.print(f"[dim]{now}[/] {what:<9} {text}", soft_wrap=True, highlight=False)


def _table(incidents: list[dict[str, Any]]) -> Table:
    names = [name for name in incidents[0] if "@" not in name and name not in PLUMBING]
    table = Table(header_style="bold")
    for name in names:
        table.add_column(HEADS.get(name) or _words(name), overflow="fold")
    for incident in incidents:
        table.add_row(*(_cell(incident.get(name)) for name in names))
    return table


def _words(name: str) -> str:
    """`sequenceStartDateTime` → `Sequence start date time`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    try:
        return f"{datetime.fromisoformat(str(value)):%Y-%m-%d}"
    except ValueError:
        return escape(str(value))


def _clock(timestamp: str) -> str:
    return f"{datetime.fromisoformat(timestamp).astimezone():%H:%M:%S}"
