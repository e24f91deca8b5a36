"""The parts of the emulator as `python -m emulator` and `make run` start them, and what they set for the app."""

import asyncio
import errno
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from azure.identity.aio import ManagedIdentityCredential

from emulator import azure, tokens
from emulator.graph import Tenant
from emulator.ports import explain_port
from tests.emulator.graph.conftest import BASE, SCOPE, STALE
from tests.support.host_process import CHECKOUT, HostProcess

LIMIT = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"


@asynccontextmanager
async def command_process(*arguments: str) -> AsyncIterator[list[str]]:
    """Yield the first three lines that a part prints; then stop it and see that it ends well and says nothing more."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-W", "error", "-X", "dev", "-m", "emulator", *arguments),
        cwd=CHECKOUT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        printed = [(await process.stdout.readline()).decode().rstrip() for _ in range(3)]
    part = HostProcess(process, printed[0])
    try:
        yield printed
    finally:
        code = await part.stop()
    assert (code, part.log) == (0, "")


@asynccontextmanager
async def calling(base_url: str) -> AsyncIterator[aiohttp.ClientSession]:
    token, _ = tokens.issue(base_url, [tokens.READ_WRITE])
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        yield session


async def test_graph_starts_with_a_refresh_under_way_and_fails_as_told() -> None:
    arguments = ["--scan-seconds", "600", "--fail", "429:2:0.249", "--fail", "503", "--retry-after", "0.5"]
    async with command_process("graph", *arguments) as (address, operation, location):
        seen = []
        async with calling(address.split()[-1]) as session:
            for _ in range(4):
                async with session.get(location.split()[-1]) as response:
                    document = await response.json()
                    code = document.get("error", {}).get("code")
                    seen.append((response.status, response.headers.get("Retry-After"), code))

    assert seen == [
        (429, "0.249", "TooManyRequests"),
        (429, "0.249", "TooManyRequests"),
        (503, None, "ServiceUnavailable"),
        (200, "0.5", None),
    ]
    assert (document["id"], document["status"]) == (operation.split()[-1], "running") == (f"refresh:{STALE}", "running")


async def test_the_tenant_is_as_the_options_say() -> None:
    arguments = ["--incidents", "StaleSignInAlert=30", "--expand-limit", "20", "--disable", "RedundantAssignmentAlert"]
    async with command_process("graph", *arguments, "--read-only") as (address, *_):
        root = f"{address.split()[-1]}{BASE}"
        async with calling(address.split()[-1]) as session:
            async with session.get(f"{root}/alerts?{SCOPE}&$expand=*") as response:
                alerts = {alert["id"].rpartition("_")[2]: alert for alert in (await response.json())["value"]}
            async with session.post(f"{root}/alerts/{STALE}/refresh") as response:
                refused = response.status

    stale = alerts["StaleSignInAlert"]
    assert (stale["incidentCount"], len(stale["alertIncidents"])) == (30, 20)
    assert alerts["RedundantAssignmentAlert"]["alertConfiguration"]["isEnabled"] is False
    assert refused == 403


async def test_identity_serves_what_it_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ["--role", "User.Read.All", "--role", tokens.READ, "--token-lifetime", "60", "--secret", "known"]
    async with command_process("identity", *arguments) as (address, *settings):
        for name, value in (line.strip().split("=", 1) for line in settings):
            monkeypatch.setenv(name, value)
        async with ManagedIdentityCredential() as credential:
            token = await credential.get_token("https://graph.microsoft.com/.default")
        health_url = f"{address.split()[3].rstrip(',')}/health"
        async with aiohttp.ClientSession() as session, session.get(health_url) as health:
            assert health.status == 200

    claims = tokens.verify(token.token, audience="https://graph.microsoft.com")
    assert os.environ["IDENTITY_HEADER"] == "known"
    assert (claims["roles"], claims["exp"] - claims["iat"]) == (["User.Read.All", tokens.READ], 60)


def make(*arguments: str) -> list[str]:
    """Return what make prints; with nothing of a make around this test."""
    command, environment = ["make", "--silent", *arguments], {"PATH": os.environ["PATH"]}
    made = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    return made.stdout.splitlines()


@pytest.mark.parametrize(
    ("variables", "command"),
    [
        (["run"], "run"),
        (["run", "ALERT=StaleSignInAlert"], 'run --alert "StaleSignInAlert"'),
        (["run", "ALL=1", "JSON=1"], "run --all --json"),
        (["start"], "start"),
        (["start", "PORT=7072", "GRAPH=real"], 'start --port "7072" --graph "real"'),
        (["start", "ARGS=--throttle 20 --fail 503"], "start --throttle 20 --fail 503"),
        (["demo"], "demo"),
        (["demo", "PORT=7072", "ONCE=1"], 'demo --port "7072" --once'),
    ],
)
def test_make_passes_its_variables_on(variables: list[str], command: str) -> None:
    assert make("--dry-run", "BIN=bin", *variables)[-1].split() == f"bin/python -m emulator {command}".split()


def test_make_lists_ten_targets_at_most_those_of_users_first() -> None:
    listed = make()
    assert [line.split()[1] for line in listed[:3]] == ["run", "start", "demo"]
    assert len(listed) <= 10
    assert max(map(len, listed)) < 80


def install(folder: Path, *, status: int) -> subprocess.CompletedProcess[str]:
    """Install two packages into `folder` with a pip that answers `status`."""
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\necho Collecting one\necho no route to host >&2\nexit {status}\n")
    python.chmod(0o755)
    (folder / "pins.txt").write_text("one==1 \\\n    --hash=sha256:0\n    # via two==2\ntwo[x]==2\n")
    command = ["/bin/sh", str(CHECKOUT / ".ci" / "install"), ".venv", "pins.txt", "5 MB", "about a minute"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own script


def test_an_installation_says_on_stderr_what_it_takes_and_leaves_stdout_alone(tmp_path: Path) -> None:
    done = install(tmp_path, status=0)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines()[0] == "Installing 2 packages into .venv, once: 5 MB, about a minute."
    assert done.stderr.splitlines()[-1] == "Installed."


def test_an_installation_that_fails_says_what_to_do(tmp_path: Path) -> None:
    done = install(tmp_path, status=7)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no route to host" in done.stderr
    assert "run make again" in done.stderr.splitlines()[-1]


def start(*options: str) -> tuple[int, str, str]:
    """Return the exit code of a `start` that must fail, its stdout and its stderr."""
    command = [sys.executable, "-m", "emulator", "start", *options]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - our own
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("port", ["65536", "-1", "http", "²"])
def test_a_port_that_is_none_is_one_sentence(port: str) -> None:
    code, shown, error = start(f"--port={port}")
    assert (code, shown) == (2, "")
    assert len(error.splitlines()) == 1
    assert f"'{port}' is no port: give a number up to 65535, as PORT=7072" in error


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, shown, error = start("--port", str(port))
    assert (code, shown) == (1, "")
    assert error == f"Port {port} is in use: stop the program that has it, or give another, as PORT=7072.\n"


@pytest.mark.parametrize(
    ("number", "advice"), [(errno.EACCES, "give one above 1023"), (errno.EADDRNOTAVAIL, "give another")]
)
def test_a_port_that_cannot_be_used_says_what_to_do(number: int, advice: str) -> None:
    assert advice in explain_port(OSError(number, os.strerror(number)), 80)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the environment of an emulator whose host does nothing."""

    @asynccontextmanager
    async def host(*_: Any, **__: Any) -> AsyncIterator[None]:
        yield

    monkeypatch.setattr(azure, "FunctionsHost", host)
    environment = dict[str, str]()
    monkeypatch.setattr(os, "environ", environment)
    return environment


REAL = {
    "GRAPH_BASE_URL": "https://graph.microsoft.com",
    "AZURE_CLIENT_SECRET": "secret",
    "PUBLIC_URL": "https://api.example.com",
}


async def test_nothing_leads_out_of_the_emulator_and_one_line_says_so(
    environment: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = {"GRAPH_SCOPE": "https://graph.microsoft.com/.default", "REFRESH_ENABLED": "false"}
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": values}))
    environment |= REAL | {"NO_PROXY": "intranet", "POLL_MIN_SECONDS": "3"}
    async with azure.emulated_azure(tmp_path, Tenant()) as running:
        assert environment["GRAPH_BASE_URL"] == running.graph.base_url
        assert environment.keys().isdisjoint({"GRAPH_SCOPE", "AZURE_CLIENT_SECRET", "PUBLIC_URL"})
        assert environment["REFRESH_ENABLED"] == "true"
        assert environment["POLL_MIN_SECONDS"] == "3"
        assert environment["no_proxy"] == environment["NO_PROXY"] == "intranet,127.0.0.1,localhost"

    shown, error = capsys.readouterr()
    ignored = "local.settings.json and GRAPH_BASE_URL, AZURE_CLIENT_SECRET, PUBLIC_URL of the shell"
    assert shown == ""
    assert error == f"The emulator ignores {ignored}. For the real Microsoft Graph: make start GRAPH=real\n"


async def test_where_nothing_is_ignored_nothing_is_said(
    environment: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with azure.emulated_azure(tmp_path, Tenant()) as running:
        assert environment["GRAPH_BASE_URL"] == running.graph.base_url
    assert capsys.readouterr() == ("", "")


async def test_the_real_graph_is_that_of_the_settings_and_of_the_shell(
    environment: dict[str, str], tmp_path: Path
) -> None:
    values = {"GRAPH_BASE_URL": "https://graph.microsoft.us", "REFRESH_ENABLED": "false"}
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": values}))
    environment |= {"AZURE_CLIENT_SECRET": "secret"}
    async with azure.real_graph(tmp_path):
        assert environment.items() >= (values | {"AZURE_CLIENT_SECRET": "secret"}).items()


@pytest.mark.parametrize(("given", "found"), [({}, "1048576"), ({LIMIT: "7"}, "7")])
async def test_bodies_are_limited_as_the_deployment_limits_them(
    given: dict[str, str], found: str, environment: dict[str, str], tmp_path: Path
) -> None:
    environment |= given
    async with azure.emulated_azure(tmp_path, Tenant()):
        assert environment[LIMIT] == found
