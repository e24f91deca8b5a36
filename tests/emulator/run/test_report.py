"""The result of a run as people read it."""

import io
from datetime import datetime

import pytest
from rich.console import Console

from emulator.run.report import report
from tests.emulator.run.documents import BEFORE, EVERY, NOW, ONE, STALE, TENANT


def shown(result: dict[str, object]) -> list[str]:
    """Return the lines of the report, each with its cells between single blanks."""
    output = io.StringIO()
    console = Console(file=output, width=160)
    for part in report(result):
        console.print(part)
    return [" ".join(line.replace("│", " ").replace("┃", " ").split()) for line in output.getvalue().splitlines()]


def clock(timestamp: str) -> str:
    return f"{datetime.fromisoformat(timestamp).astimezone():%Y-%m-%d %H:%M:%S}"


def test_one_alert_comes_with_its_incidents() -> None:
    lines = shown(ONE)
    for expected in (
        "Alert Potential [stale] accounts",
        "Severity medium",
        "Active yes",
        f"Scanned {NOW} (fresh)",
        "Incidents 5",
        "Role Assignee Activation count Last sign-in",
        "User Administrator Adele [x] Vance 20260101 2023-04-21",
        "Exchange Administrator - - -",
    ):
        assert expected in lines


@pytest.mark.parametrize(("count", "first"), [(300, "first 80 of 300"), (None, "first 80")])
def test_incidents_that_the_result_does_not_hold_are_counted(count: int | None, first: str) -> None:
    cut = {"alertId": STALE, "returned": 80, "count": count, "url": "https://graph.example/[1]"}
    assert f"Incidents {first}; all of them: https://graph.example/[1]" in shown({**ONE, "incidentsCut": [cut]})


def test_every_alert_is_a_row() -> None:
    lines = shown(EVERY)
    for expected in (
        "Alerts 1 of 3 active",
        f"Scanned {NOW} (fresh)",
        "Alert Severity Active Incidents Scanned",
        f"Stale accounts medium yes 3 {clock(NOW)}",
        f"No license high no 0 {clock(BEFORE)} (not by this scan)",
        f"{TENANT}_AnEighthAlert not asked for no - -",
    ):
        assert expected in lines
