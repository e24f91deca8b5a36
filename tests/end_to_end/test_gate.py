"""The gate as a pipeline runs it: a process of its own, against the real app."""

import ast
import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, override

import pytest
import yaml
from aiohttp import web

from alert_refresh.gate import judge
from emulator.faults import Fault, Traffic
from emulator.graph import Tenant
from emulator.loopback import LoopbackServer
from tests.end_to_end.conftest import FUNCTION_KEY, App
from tests.support.host_process import CHECKOUT, free_port
from tests.support.receiver import Receiver

FILE = CHECKOUT / "alert_refresh" / "gate.py"
DOCUMENT = (CHECKOUT / "docs" / "gate.md").read_text()
MODULE = (sys.executable, "-m", "alert_refresh.gate")
OPEN, CLOSED, NO_ANSWER = 0, 1, 2
ACTIVE, INACTIVE = "StaleSignInAlert", "InvalidLicenseAlert"
WRONG_KEY = "a-wrong-key"


async def run_gate(
    url: str,
    *options: str,
    key: str = FUNCTION_KEY,
    variable: str = "PIM_ALERT_KEY",
    command: tuple[str, ...] = MODULE,
    folder: Path = CHECKOUT,
) -> tuple[int, str]:
    """Return the exit code and what was printed. Without a line on stdout, that is stderr."""
    process = await asyncio.create_subprocess_exec(
        *(*command, "--url", url, *options),
        cwd=folder,
        env={"PATH": os.environ["PATH"], variable: key},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = (text.decode() for text in await process.communicate())
    assert "Traceback" not in errors
    assert not key or key not in output + errors
    if output:
        assert (output.count("\n"), errors) == (1, ""), "it prints one line"
    return int(process.returncode or 0), output.strip() or errors


class Front(LoopbackServer):
    """Stands between the gate and the app, and misbehaves."""

    def __init__(self, app: App, *faults: Fault) -> None:
        super().__init__(Traffic(faults=list(faults)), 0)
        self._app = app

    @override
    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._pass_on)
        return application

    async def _pass_on(self, request: web.Request) -> web.Response:
        # No Prefer: as behind many a gateway, the start answers 202.
        names = ("x-functions-key", "Content-Type", "Idempotency-Key")
        headers = {name: request.headers[name] for name in names if name in request.headers}
        url, body = f"{self._app.host.base_url}{request.raw_path}", await request.read()
        async with self._app.session.request(request.method, url, headers=headers, data=body or None) as answer:
            return web.Response(status=answer.status, body=await answer.read(), content_type=answer.content_type)


@asynccontextmanager
async def front(app: App, *faults: Fault) -> AsyncGenerator[Front]:
    async with Front(app, *faults) as server:
        yield server


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--alert", INACTIVE), OPEN, "Open: 1 alert, none active. Scanned at 20"),
        (("--alert", ACTIVE), CLOSED, f"Closed: {ACTIVE} active. Scanned at 20"),
        (("--all",), CLOSED, ACTIVE),
    ],
)
async def test_an_active_alert_closes_the_gate(
    app: App, tenant: Tenant, options: tuple[str, ...], code: int, words: str
) -> None:
    found, line = await run_gate(app.host.base_url, *options)

    assert (found, words in line) == (code, True), line
    assert tenant.requests[0].method == "POST", "it refreshes"


async def test_a_gate_for_all_alerts_opens_only_when_pim_scanned_some(app: App, tenant: Tenant) -> None:
    for alert in tenant.alerts.values():
        alert.incidents.clear()
    tenant.alerts[tenant.alert_id(INACTIVE)].is_enabled = False
    some = await run_gate(app.host.base_url, "--all")
    for alert in tenant.alerts.values():
        alert.is_enabled = False
    disabled = await run_gate(app.host.base_url, "--all")
    tenant.alerts.clear()
    empty = await run_gate(app.host.base_url, "--all")

    assert some[0] == OPEN, some[1]
    assert some[1].startswith(f"Open: 7 alerts, none active. PIM did not scan {INACTIVE}: disabled. Scanned at ")
    assert (disabled[0], empty[0]) == (NO_ANSWER, NO_ANSWER)
    assert "nothing was scanned, because all alerts are disabled in PIM. " in disabled[1]
    assert "nothing was scanned, because Microsoft Graph lists no alert. Run " in empty[1]


async def test_a_change_closes_the_gate_once(app: App, tenant: Tenant) -> None:
    options = ("--alert", ACTIVE, "--fail-on", "changed", "--changes-for", "pipeline")
    first = await run_gate(app.host.base_url, *options)
    second = await run_gate(app.host.base_url, *options)
    tenant.alerts[tenant.alert_id(ACTIVE)].invent_incidents(1)
    third = await run_gate(app.host.base_url, *options)

    assert [first[0], second[0], third[0]] == [CLOSED, OPEN, CLOSED], "the first time, all is new"
    assert f"Closed: {ACTIVE} changed." in third[1]


async def test_the_file_works_alone_wherever_it_is(app: App, tenant: Tenant, tmp_path: Path) -> None:
    shutil.copy(FILE, tmp_path)
    alone = (sys.executable, "-I", "gate.py")
    code, line = await run_gate(f"{app.host.base_url}/api/", "--alert", INACTIVE, command=alone, folder=tmp_path)

    assert (code, line.startswith("Open: ")) == (OPEN, True), line
    assert tenant.requests


def test_the_file_imports_the_standard_library_only_and_is_short() -> None:
    nodes = list(ast.walk(ast.parse(FILE.read_text())))
    imported = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    imported |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
    assert len(FILE.read_text().splitlines()) <= 145
    # Two statements of a newer Python: agents have an older one.
    assert not [node for node in nodes if isinstance(node, ast.TypeAlias | ast.TryStar)]


@pytest.mark.parametrize(
    ("options", "key", "words"),
    [
        (("--alert", ACTIVE), WRONG_KEY, "HTTP 401: check PIM_ALERT_KEY or PIM_ALERT_TOKEN."),
        (("--alert", "StaleSignInAlrt"), FUNCTION_KEY, "The request is not valid (HTTP 400). Nothing was started:"),
        (("--all", "--timeout", "0"), FUNCTION_KEY, "timeoutSeconds must be"),
        (("--alert", "DirectoryRole_x_NoSuchAlert"), FUNCTION_KEY, "Microsoft Graph does not know the alert"),
        (("--all",), "", "set the variable PIM_ALERT_KEY to a key"),
        (("--all",), "two\nlines", "set the variable PIM_ALERT_KEY to a key"),
        (("--all", "--alert", ACTIVE), FUNCTION_KEY, "not allowed with"),
        ((), FUNCTION_KEY, "--alert --all is required"),
    ],
)
async def test_a_request_that_is_refused_is_no_answer_and_says_why(
    app: App, options: tuple[str, ...], key: str, words: str
) -> None:
    code, line = await run_gate(app.host.base_url, *options, key=key)

    assert (code, words in line) == (NO_ANSWER, True), line


async def test_where_people_sign_in_the_gate_sends_a_token_and_no_key(caller: Receiver) -> None:
    await run_gate(caller.base_url, "--all", key="eyJ.to.ken", variable="PIM_ALERT_TOKEN")

    [start] = caller.received
    assert start.headers["Authorization"] == "Bearer eyJ.to.ken"
    assert "x-functions-key" not in start.headers


async def test_a_scan_that_takes_too_long_is_no_answer(app: App, tenant: Tenant) -> None:
    tenant.scan_seconds = 3600
    code, line = await run_gate(app.host.base_url, "--alert", ACTIVE, "--timeout", "2")

    assert code == NO_ANSWER
    assert "The deadline passed before there was an alert" in line


@pytest.mark.parametrize(
    ("fail_on", "changes", "code"),
    [
        ("active", {}, OPEN),
        ("active", {"fresh": None}, OPEN),
        ("active", {"fresh": False}, NO_ANSWER),
        *((fail_on, {"alerts": [], "changed": False, "changes": {}}, NO_ANSWER) for fail_on in ("active", "changed")),
        ("active", {"alerts": [{"id": "t_A", "isActive": None}, {"id": "t_B", "isActive": False}]}, NO_ANSWER),
        ("active", {"alerts": [{"id": "t_A", "isActive": None}, {"id": "t_B", "isActive": True}]}, CLOSED),
        ("active", {"alerts": [{"id": "t_A", "isActive": False}, {"id": "t_B", "isActive": True}]}, CLOSED),
        ("active", {"alerts": [{"id": "t_B", "isActive": True}], "fresh": False}, CLOSED),
        ("changed", {"changed": True, "changes": {"t_A": {"changed": True}, "t_B": None}}, CLOSED),
        ("changed", {"changed": False, "changes": {"t_A": {"changed": False}}}, OPEN),
        ("changed", {"changed": None, "changes": None}, NO_ANSWER),
        ("changed", {"changed": False, "changes": {}, "fresh": False}, NO_ANSWER),
    ],
)
def test_only_what_is_known_opens_the_gate(fail_on: str, changes: dict[str, Any], code: int) -> None:
    alerts = [{"id": "t_A", "isActive": False}]
    result = {"runId": "r", "alerts": alerts, "scannedAt": "2026-01-31", "fresh": True, "changes": None, **changes}
    found, line = judge(result, fail_on)
    assert (found, line.partition(":")[0]) == (code, {OPEN: "Open", CLOSED: "Closed", NO_ANSWER: "No answer"}[code])
    assert line.endswith(". Scanned at 2026-01-31, run r.")


async def test_a_host_that_is_not_there_is_no_answer() -> None:
    code, line = await run_gate(f"http://127.0.0.1:{free_port()}", "--all", "--timeout", "1")
    assert (code, "does not answer" in line) == (NO_ANSWER, True), line


async def test_a_key_goes_to_no_other_place(app: App) -> None:
    for url in (f"{app.host.base_url}?code=k", "http://app.example", "ftp://app.example", "https://a@app.example"):
        code, errors = await run_gate(url, "--all")
        assert (code, "--url must be https://" in errors) == (NO_ANSWER, True)
    async with front(app) as target, front(app) as server:
        server.faults.append(Fault(status=307, headers={"Location": f"{target.base_url}/api/runs"}))
        code, line = await run_gate(server.base_url, "--all")
        assert (code, "HTTP 307: check --url" in line) == (NO_ANSWER, True)
        assert target.requests == []


@pytest.mark.usefixtures("tenant")
async def test_an_answer_that_is_lost_and_a_503_in_between_start_one_run_and_lose_none(app: App) -> None:
    faults = (
        Fault("^POST", drop="once handled"),
        Fault("^POST", status=503, body=b"<html>"),
        Fault("/result", status=502),
        Fault("/result", drop="before headers"),
        Fault("/result", status=200, json={"id": "x"}, drop="mid body"),
    )
    before = len(await app.instances())
    async with front(app, *faults) as server:
        code, line = await run_gate(server.base_url, "--alert", INACTIVE, "--timeout", "60")

        assert [fault for fault in server.faults if fault.times != 0] == [], "every fault was met"
    assert code == OPEN, line
    assert len(await app.instances()) == before + 1
    assert [request.method for request in server.requests[:4]] == ["POST", "POST", "POST", "GET"]


async def test_a_refusal_with_an_id_is_no_run(app: App) -> None:
    async with front(app, Fault("^POST", status=500, json={"id": "x", "error": "busy"})) as server:
        code, line = await run_gate(server.base_url, "--alert", INACTIVE, "--timeout", "60")
        assert (code, len(server.requests) > 1) == (OPEN, True), line
        server.faults.append(Fault("^POST", status=400, json={"id": "x", "error": "no"}))
        assert await run_gate(server.base_url, "--all") == (NO_ANSWER, "No answer: HTTP 400: check --url.")


async def test_no_text_of_an_answer_is_a_command_for_the_agent_or_the_terminal(app: App) -> None:
    title = "a ###vso[task.setvariable variable=a]b\n::add-mask::c \x1b[2J"
    async with front(app, Fault("^POST", status=400, json={"title": title})) as server:
        _, line = await run_gate(server.base_url, "--all")
    assert line == "No answer: a vso[task.setvariable variable=a]b ::add-mask::c [2J (HTTP 400)."


async def test_what_is_no_answer_of_the_app_is_none(app: App) -> None:
    async with front(app) as server:
        for body in (b"<html>Sign in</html>", b"[]", b'{"runId": "x"}', b'{"a": 1}', b'{"id": 1, "title": "Welcome"}'):
            server.faults.append(Fault("^POST", status=200, body=body))
            code, line = await run_gate(server.base_url, "--all")
            assert (code, line.startswith("No answer: ")) == (NO_ANSWER, True), line


BLOCKS = [block.partition("```")[0] for block in DOCUMENT.split("```yaml\n")[1:]]


def test_the_pipelines_in_the_documentation_are_yaml_that_runs_the_gate() -> None:
    [github, azure] = [yaml.safe_load(block) for block in BLOCKS]
    [job] = github["jobs"].values()
    steps = [step for step in (*job["steps"], *azure["steps"]) if "gate.py" in str(step)]
    assert len(steps) == 2
    for step in steps:
        assert set(step["env"]) == {"APP_URL", "PIM_ALERT_KEY"}
        options = re.findall(r"--[a-z-]+", step.get("run", step.get("script")))
        assert "--url" in options
        assert all(f'"{option}"' in FILE.read_text() for option in options)


def test_zizmor_finds_nothing_in_the_workflow_for_github(tmp_path: Path) -> None:
    workflow = tmp_path / ".github" / "workflows" / "gate.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(BLOCKS[0].replace("<owner>", "owner").replace("<commit>", "0" * 40))
    command = (str(Path(sys.executable).with_name("zizmor")), "--offline", "--quiet", "--persona", "pedantic", ".")
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603 - its path is ours
    assert process.returncode == 0, process.stdout
