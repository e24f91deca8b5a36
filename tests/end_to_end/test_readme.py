"""The commands in the documentation work, against the emulator that `make start` starts."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import QUICK, App, make_settings, scan
from tests.support.host_process import CHECKOUT, free_port, run_process

README = (CHECKOUT / "README.md").read_text()
API = (CHECKOUT / "docs" / "api.md").read_text()
DEVELOPMENT = (CHECKOUT / "docs" / "development.md").read_text()


@pytest.fixture
async def port() -> AsyncGenerator[str]:
    """Yield the port of an emulator that was started like `make start`, with a shorter scan."""
    chosen = free_port()
    command = (sys.executable, "-m", "emulator", "start", "--port", str(chosen), "--scan-seconds", "1")
    async with run_process(command, chosen, QUICK):
        yield str(chosen)


async def test_the_api_examples_run_in_order_from_start_to_health(port: str, tmp_path: Path) -> None:
    commands = re.findall(r"```sh\n(.*?)```", API, re.DOTALL)
    # One shell for all: a reader's shell has the variables of the first example, too.
    script = "\necho; echo ----\n".join(["set -eu", *commands]).replace("7071", port)
    process = await asyncio.create_subprocess_exec(
        *("/bin/bash", "-c", script), cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()

    assert process.returncode == 0, output
    _, start, read, result, cancel, listed, alerts, doctor, openapi, health = output.decode().split("\n----\n")
    assert json.loads(start)["id"] == json.loads(read)["id"]
    assert json.loads(result)["alert"]["id"].endswith("_StaleSignInAlert")
    assert json.loads(result)["fresh"] is True
    assert cancel.startswith("HTTP/1.1 410"), "by then the run is over"
    assert [run["id"] for run in json.loads(listed)["value"]] == [json.loads(read)["id"]]
    assert json.loads(read)["id"] in [run["id"] for each in json.loads(alerts)["value"] if (run := each["lastRun"])]
    assert json.loads(doctor)["status"] == "ok"
    assert json.loads(openapi)["openapi"].startswith("3.1")
    assert json.loads(health) == {"status": "healthy"}


def covers(answer: Any, shown: Any) -> bool:
    """Tell whether `answer` has all that `shown` has, with other ids and times."""
    if isinstance(shown, dict):
        return all(name in answer and covers(answer[name], value) for name, value in shown.items())
    if isinstance(shown, list):
        return all(any(covers(each, value) for each in answer) for value in shown)
    return bool(answer == shown) or (isinstance(shown, str) and re.match("[0-9a-f]{8}-|20[0-9]{2}-", shown) is not None)


async def test_the_call_of_the_front_page_gets_the_answer_that_it_shows(port: str, tmp_path: Path) -> None:
    [call] = re.findall(r"```sh\n(curl .*?)```", README, re.DOTALL)
    shown = json.loads(re.findall(r"```json\n(.*?)```", README, re.DOTALL)[0])
    command = ("/bin/bash", "-c", call.replace("7071", port))
    answers = []
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(*command, cwd=tmp_path, stdout=asyncio.subprocess.PIPE)
        output, _ = await process.communicate()
        answers.append(json.loads(output))

    assert covers(answers[0], shown), answers[0]
    assert [answer["changed"] for answer in answers] == [True, False]


def test_the_front_page_is_short_and_its_links_lead_somewhere() -> None:
    assert len(README.encode()) <= 8000
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", README)
    assert len(links) > 10
    assert [link for link in links if not (CHECKOUT / link).exists()] == []


async def test_the_host_alone_serves_the_app_with_whatever_graph_its_environment_names(
    graph: GraphServer, identity: IdentityServer, tenant: Tenant
) -> None:
    [command] = re.findall(r"```sh\n(GRAPH_BASE_URL=.*?)\n```", DEVELOPMENT)
    port = free_port()
    command = command.replace("http://127.0.0.1:7081", graph.base_url).replace("7091", str(port))
    # exec: the signal that ends the host must not end at the shell.
    command = command.replace(" .venv/bin/python", f" exec {sys.executable}")
    async with (
        run_process(("/bin/sh", "-c", command), port, make_settings(graph, identity)) as host,
        aiohttp.ClientSession() as session,
    ):
        app = App(host, session)
        started = await app.call("POST", "/api/runs?code=k", key=None, json={"operationId": scan(tenant)})
        result = await app.result(started, key=None)

    assert result.body["alert"]["id"] == tenant.alert_id("StaleSignInAlert")
