"""What a run looks like on a terminal; without one the same lines come out plain."""

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape

from emulator.run.report import report

SHADES = {"succeeded": "green", "failed": "red", "skipped": "red", "running": "yellow", "notStarted": "yellow"}
TERMINAL = frozenset({"succeeded", "failed", "skipped"})
BESIDES = {
    "refreshing": "[yellow]not taken yet[/]; again at",
    "waiting": "taken by Microsoft Graph; first look at",
    "fetching": "[yellow]still shows the scan before[/]; again at",
}
"""What a run waits for besides the end of the operation, by its state."""


class View:
    def __init__(self, console: Console) -> None:
        self._console = console

    def accepted(self, run: dict[str, Any], location: str) -> None:
        target = run["target"]
        self._line("accepted", f"run {run['id']}")
        if "operationId" in target:
            self._line("", f"operation {target['operationId']}")
        self._line("", f"result at {location}")
        if "operationId" not in target:
            what = target.get("alertId", "every alert")
            self._line("refreshing", f"{what}; what was dismissed becomes active again")

    def look(self, run: dict[str, Any]) -> None:
        status = (run["operation"] or {}).get("status", "no answer")
        shade = SHADES.get(status, "white")
        following = f"next look at {_clock(run['nextPollAt'])}" if run["nextPollAt"] else ""
        if following and status in TERMINAL:
            following = f"of an earlier scan, waited over; {following}"
        self._line(f"look {run['polls']}", f"[{shade}]{escape(status):<11}[/] {following}")

    def wait(self, run: dict[str, Any]) -> None:
        """Show a wait that follows no look at the operation."""
        self._line(run["state"], f"{BESIDES[run['state']]} {_clock(run['nextPollAt'])}")

    def problem(self, problem: dict[str, Any]) -> None:
        self._line("[red]failed    [/]", f"[red]{escape(problem['title'])}[/]")
        self._line("", escape(problem["detail"]))

    def result(self, result: dict[str, Any]) -> None:
        self._console.print()
        for part in report(result):
            self._console.print(part)

    def _line(self, what: str, text: str) -> None:
        now = f"{datetime.now().astimezone():%H:%M:%S}"
        self._console.print(f"[dim]{now}[/] {what:<10} {text}", soft_wrap=True, highlight=False)


def _clock(timestamp: str) -> str:
    return f"{datetime.fromisoformat(timestamp).astimezone():%H:%M:%S}"
