"""`make run` as a person sees it: a whole run, with its polls and its result."""

import asyncio
import json
import os
import re
import sys
from datetime import UTC, datetime

import aiohttp
import pytest

from emulator.graph import GraphServer
from emulator.graph.tenant import ALERT_NAMES
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import App, make_settings
from tests.support.host_process import CHECKOUT, free_port, run_process

ENVIRONMENT = {"PATH": os.environ["PATH"], "COLUMNS": "200", "POLL_MAX_SECONDS": "1"}


async def run_emulator(*options: str) -> tuple[int, str, str]:
    """Return the exit code, what is on stdout, and what is on stderr."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "emulator", "run", "--scan-seconds", "1", *options),
        cwd=CHECKOUT,
        env=ENVIRONMENT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    return int(process.returncode or 0), output.decode(), errors.decode()


def in_order(shown: str, *expected: str) -> bool:
    return re.search(".*".join(map(re.escape, expected)), shown, re.DOTALL) is not None


async def test_make_run_shows_the_polls_and_the_alert_with_its_incidents() -> None:
    code, shown, errors = await run_emulator()

    assert (code, errors) == (0, "")
    assert in_order(shown, "accepted", "operation refresh:", "StaleSignInAlert", "poll 1", "running", "next poll at")
    assert in_order(shown, "next poll at", "succeeded", "Severity", "medium", "(fresh)", "Adele Vance")
    assert in_order(shown, "Adele Vance", "Fresh after", "Polls: ", "Calls to Graph: ", "after its end", "made up")


async def test_one_alert_is_refreshed_with_the_result_as_json_and_the_progress_beside_it() -> None:
    before = datetime.now(UTC)
    code, shown, progress = await run_emulator("--alert", "redundantassignmentalert", "--json")

    assert code == 0
    assert in_order(progress, "accepted", "refreshing", "_RedundantAssignmentAlert", "first poll at", "poll 1")
    assert in_order(progress, "poll 1", "succeeded", "of an earlier scan", "succeeded", "Fresh after")
    result = json.loads(shown)
    assert result["alert"]["id"].endswith("_RedundantAssignmentAlert")
    assert result["fresh"] is True
    assert datetime.fromisoformat(result["scannedAt"]) >= before


async def test_all_alerts_are_refreshed_and_shown_in_a_table() -> None:
    code, shown, errors = await run_emulator("--all")

    assert (code, errors) == (0, "")
    assert in_order(shown, "accepted", "refreshing every alert", "first poll at", "poll 1", "succeeded", "(fresh)")
    rows = [line for line in shown.splitlines() if re.search(r"(high|medium|low).*(yes|no).*\d\d:\d\d:\d\d", line)]
    assert len(rows) == len(ALERT_NAMES)


async def test_the_doctor_is_shown_of_the_tenant_and_of_each_fault() -> None:
    code, shown, errors = await run_emulator("--doctor")

    assert (code, errors) == (0, "")
    whole, *faults = re.split(r"\n\n", shown.strip())
    assert len(re.findall(r"^\w+ +ok ", whole, re.MULTILINE)) == len(whole.splitlines()) - 1 == 10
    found = {part.splitlines()[0]: re.findall(r"^(\w+) +(?:failed|warning) ", part, re.MULTILINE) for part in faults}
    assert found == {
        "A setting is wrong": ["settings"],
        "The app has no identity": ["token"],
        "Microsoft Graph does not answer": ["graph"],
        "The tenant has no licence": ["license"],
        "The app has no permission": ["readPermission", "refreshPermission"],
        "The app has no permission to refresh": ["refreshPermission"],
        "The app has more permission than it needs": ["refreshPermission"],
        "The tenant has no alerts": ["alerts"],
        "An alert is disabled in PIM": ["alerts"],
        "The clock of the app is late": ["clock"],
        "The task hub does not answer": ["taskHub"],
        "Nobody gets the changes of the schedule": ["callbacks"],
    }


async def test_make_run_fails_when_the_run_fails() -> None:
    code, shown, _ = await run_emulator("--outcome", "failed")

    assert code == 1
    assert "the operation failed" in shown
    assert "Incidents" not in shown


@pytest.mark.parametrize("options", [("--json",), ()])
async def test_a_reader_that_has_enough_is_no_failure(options: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "emulator", "run", "--scan-seconds", "1", *options),
        cwd=CHECKOUT,
        env=ENVIRONMENT,
        stdout=writer,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(writer)
    os.close(reader)
    _, errors = await process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in errors.decode()
    assert "Exception" not in errors.decode()


async def test_make_start_with_the_real_graph_is_loud_and_uses_that_of_the_shell(
    graph: GraphServer, identity: IdentityServer
) -> None:
    port = free_port()
    command = (sys.executable, "-m", "emulator", "start", "--graph", "real", "--port", str(port))
    options = ("--scan-seconds", "5", "--incidents", "StaleSignInAlert=9", "--timers-late", "0.1")
    settings = make_settings(graph, identity) | {"REFRESH_ENABLED": "true"}
    async with run_process((*command, *options), port, settings) as host, aiohttp.ClientSession() as session:
        started = await App(host, session).call("POST", "/api/runs?code=local", key=None, json={"allAlerts": True})
        assert started.status == 202
        result = await App(host, session).result(started, key=None)
        async with session.get(f"{host.base_url}/api/runs?code=local", headers={"Accept": "text/html"}) as page:
            assert started.body["id"] in await page.text()

    assert result.body["alerts"][0]["id"].startswith("DirectoryRole_")
    assert f"THIS IS NOT THE EMULATED GRAPH: {graph.base_url}" in host.log
    assert "Ignored, since only the emulated tenant has them: --scan-seconds, --incidents.\n" in host.log
    assert "a refresh makes dismissed alerts of it active again" in host.log
    assert f"Page: {host.base_url}/api/alerts?code=local" in host.log
    assert len(graph.requests) > 1
