"""`make run` as a person sees it: a whole run, with its looks and its result."""

import asyncio
import json
import os
import re
import sys
from datetime import UTC, datetime

from emulator.graph.tenant import ALERT_NAMES
from tests.support.host_process import CHECKOUT

# Each look is shown for longer than it takes to notice it.
ENVIRONMENT = {"PATH": os.environ["PATH"], "POLL_MAX_SECONDS": "1"}


async def emulated_run(*options: str, **environment: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "emulator", "run", "--scan-seconds", "0.5", *options),
        cwd=CHECKOUT,
        env=ENVIRONMENT | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    return int(process.returncode or 0), output.decode(), errors.decode()


def in_order(shown: str, *expected: str) -> bool:
    return re.search(".*".join(map(re.escape, expected)), shown, re.DOTALL) is not None


async def test_make_run_shows_the_looks_and_the_alert_with_its_incidents() -> None:
    code, shown, errors = await emulated_run()

    assert (code, errors) == (0, "")
    assert in_order(
        shown,
        *("accepted", "operation refresh:", "StaleSignInAlert"),
        *("look 1", "running", "next look at", "succeeded"),
        *("Severity", "medium", "(fresh)", "Adele Vance"),
    )


async def test_make_run_gives_the_result_as_json_and_nothing_else_on_stdout() -> None:
    code, shown, progress = await emulated_run("--json")

    assert code == 0
    assert len(json.loads(shown)["alert"]["alertIncidents"]) == 3
    assert "look 1" in progress


async def test_make_run_fails_when_the_run_fails() -> None:
    code, shown, _ = await emulated_run("--outcome", "failed")

    assert code == 1
    assert "the operation failed" in shown
    assert "Incidents" not in shown


async def test_one_alert_is_refreshed_and_the_scan_before_is_waited_over() -> None:
    before = datetime.now(UTC)
    code, shown, progress = await emulated_run("--alert", "RedundantAssignmentAlert", "--json")

    assert code == 0
    assert in_order(
        progress,
        *("accepted", "refreshing", "_RedundantAssignmentAlert", "first look at"),
        *("look 1", "succeeded", "of an earlier scan, waited over", "succeeded"),
    )
    result = json.loads(shown)
    assert result["alert"]["id"].endswith("_RedundantAssignmentAlert")
    assert result["fresh"] is True
    assert datetime.fromisoformat(result["scannedAt"]) >= before


async def test_all_alerts_are_refreshed_and_shown_in_a_table() -> None:
    code, shown, errors = await emulated_run("--all", COLUMNS="200")

    assert (code, errors) == (0, "")
    assert in_order(shown, "accepted", "refreshing every alert", "first look at", "look 1", "succeeded", "(fresh)")
    rows = [line for line in shown.splitlines() if re.search(r"(high|medium|low).*(yes|no).*\d\d:\d\d:\d\d", line)]
    assert len(rows) == len(ALERT_NAMES)


async def test_a_refresh_can_be_turned_off() -> None:
    code, shown, _ = await emulated_run("--all", REFRESH_ENABLED="false")

    assert code == 1
    assert "REFRESH_ENABLED" in shown
    assert "look 1" not in shown
