"""The parts of the emulator as `python -m emulator` and `make run` start them, and what they set for the app."""

import asyncio
import os
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


@pytest.mark.parametrize(
    ("variables", "options"),
    [
        ([], ""),
        (["ALERT=StaleSignInAlert"], ' --alert "StaleSignInAlert"'),
        (["ALL=1", "JSON=1"], " --all --json"),
    ],
)
def test_make_run_passes_its_variables_on(variables: list[str], options: str) -> None:
    command = ["make", "--dry-run", "--silent", "run", "BIN=bin", *variables]
    # Nothing of a make around this test.
    environment = {"PATH": os.environ["PATH"]}
    made = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert made.stdout.splitlines()[-1].split() == f"bin/python -m emulator run{options}".split()


@pytest.mark.parametrize(("given", "found"), [({}, "1048576"), ({LIMIT: "7"}, "7")])
async def test_bodies_are_limited_as_the_deployment_limits_them(
    given: dict[str, str], found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def host(*_: Any, **__: Any) -> AsyncIterator[None]:
        yield

    environment = dict(given)
    monkeypatch.setattr(azure, "FunctionsHost", host)
    monkeypatch.setattr(os, "environ", environment)
    async with azure.emulated_azure(tmp_path, Tenant()):
        assert environment[LIMIT] == found
