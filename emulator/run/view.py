"""What a run looks like on a terminal; without one the same lines come out plain."""

from datetime import UTC, datetime
from time import monotonic
from typing import IO, Any, override

from rich.console import Console
from rich.markup import escape

from emulator.run.report import FRESHNESS, report

UNFOLDED = 1000
"""Columns where there is no terminal. No table is so wide, and a program that reads the lines gets whole ones."""

NEXT = (
    ("make run ALERT=StaleSignInAlert", "refreshes one alert first"),
    ("make run ALL=1", "refreshes them all"),
    ("make start", "the same as pages in a browser"),
)

SHADES = {"succeeded": "green", "failed": "red", "skipped": "red", "running": "yellow", "notStarted": "yellow"}
TERMINAL = frozenset({"succeeded", "failed", "skipped"})
WAITS = {
    "polling": "accepted by Microsoft Graph; first poll at",
    "fetching": "[yellow]still shows the earlier scan[/]; again at",
}
"""What a run waits for when no poll came before and no request failed, by its state."""


class Screen(Console):
    """A console that folds and colours nothing where there is no terminal."""

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file=file, width=None if file.isatty() else UNFOLDED)

    @override
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError  # for the command; rich would end the process


class View:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._polls = 0

    def accepted(self, run: dict[str, Any], location: str) -> None:
        self._began = monotonic()
        target = run["target"]
        self._line("accepted", f"run {run['id']}; times are {datetime.now().astimezone():%Z}")
        if "operationId" in target:
            self._line("", f"operation {target['operationId']}")
        self._line("", f"result at {location}")
        if "operationId" not in target:
            what = target.get("alertId", "every alert")
            self._line("refreshing", f"{what}; dismissed alerts become active again")

    def poll(self, run: dict[str, Any]) -> None:
        """Show the last poll of the operation by `run`."""
        self._polls = run["polls"]
        status = (run["operation"] or {}).get("status", "no answer")
        text = f"[{SHADES.get(status, 'white')}]{escape(status):<11}[/]"
        if run["nextPollAt"]:
            if run["waitingFor"]:
                # The operation is that of an earlier poll.
                text = f"{_name_wait(run['waitingFor'])};"
            elif status in TERMINAL:
                text += " of an earlier scan;"
            text += f" next poll at {_clock(run['nextPollAt'])}"
        self._line(f"poll {run['polls']}", text)

    def wait(self, run: dict[str, Any]) -> None:
        """Show a wait that follows no poll of the operation."""
        waiting_for = run["waitingFor"]
        text = f"{_name_wait(waiting_for)}; again at" if waiting_for else WAITS.get(run["state"], "again at")
        self._line(run["state"], f"{text} {_clock(run['nextPollAt'])}")

    def problem(self, problem: dict[str, Any]) -> None:
        self._line("[red]failed    [/]", f"[red]{escape(problem['title'])}[/]")
        self._line("", escape(problem["detail"]))

    def result(self, result: dict[str, Any]) -> None:
        for part in report(result):
            self._console.print()
            self._console.print(part)

    def end(self, result: dict[str, Any], calls: int) -> None:
        """Show what the result took; `calls` is the number of requests that Graph got."""
        freshness, seconds = FRESHNESS[result["fresh"]].capitalize(), monotonic() - self._began
        seen = ""
        if result["scannedAt"]:
            age = datetime.now(UTC) - datetime.fromisoformat(result["scannedAt"])
            seen = f" The scan was seen {age.total_seconds():.1f} s after its end."
        text = f"{freshness} after {seconds:.1f} s. Polls: {self._polls}. Calls to Graph: {calls}.{seen}"
        self._console.print(f"\n{text}", soft_wrap=True, highlight=False)
        made_up = "The tenant, its people and its alerts are made up."
        self._console.print(made_up, soft_wrap=True, highlight=False)

    def suggest(self) -> None:
        """Show what to try next, to a person."""
        if self._console.is_terminal:
            self._console.print("\nNext:")
            for command, meaning in NEXT:
                self._console.print(f"  [bold]{command:<32}[/] {meaning}", soft_wrap=True, highlight=False)

    def _line(self, what: str, text: str) -> None:
        now = f"{datetime.now().astimezone():%H:%M:%S}"
        self._console.print(f"[dim]{now}[/] {what:<10} {text}", soft_wrap=True, highlight=False)


def _name_wait(waiting_for: dict[str, Any]) -> str:
    return f"[yellow]{escape(waiting_for['problem']['title'])}[/], try {waiting_for['tries']}"


def _clock(timestamp: str) -> str:
    return f"{datetime.fromisoformat(timestamp).astimezone():%H:%M:%S}"
