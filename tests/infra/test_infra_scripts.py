"""The scripts beside the templates, with an `az` of our own that answers variables and writes down its arguments."""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.support.bicep import INFRA
from tests.test_architecture import FUNCTIONS

AZ = """#!/bin/sh
printf '%s\\n' "$*" >> "$ASKED"
case "$*" in
    "functionapp function list"*) printf %s "$FUNCTIONS" ;;
    "cloud show"*) echo https://graph.microsoft.us/ ;;
    "ad sp show"*) echo graph-object-id ;;
    "rest --method get"*) printf %s "$GRANTED" ;;
esac
"""


class Health(BaseHTTPRequestHandler):
    """Answers the status that the path begins with, and the path as the body."""

    def do_GET(self) -> None:
        self.send_response(int(self.path[1:4]))
        self.end_headers()
        self.wfile.write(f"asked for {self.path}".encode())


@pytest.fixture(scope="module")
def apps() -> Iterator[str]:
    """Return the URL below which an app answers each status."""
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Scripts:
    """Runs the scripts, with the stand-in for `az` first on the path."""

    def __init__(self, folder: Path) -> None:
        self.asked = folder / "asked"
        self.asked.touch()
        (folder / "az").write_text(AZ)
        (folder / "az").chmod(0o755)
        self.environment = {"PATH": f"{folder}:{os.environ['PATH']}", "ASKED": str(self.asked)}

    def run(self, name: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = ["sh", str(INFRA / name), *arguments]
        environment = self.environment | variables
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=30)  # noqa: S603 - our own script

    def smoke_test(self, uri: str, functions: Iterable[str], **variables: str) -> subprocess.CompletedProcess[str]:
        found = {"FUNCTIONS": "".join(f"func-app/{name}\n" for name in functions)}
        known = {"AZURE_RESOURCE_GROUP": "rg-test", "SERVICE_API_NAME": "func-app", "SERVICE_API_URI": uri}
        return self.run("smoke-test.sh", "1", **known, **found, **variables)


@pytest.fixture
def scripts(tmp_path: Path) -> Scripts:
    return Scripts(tmp_path)


@pytest.mark.parametrize(
    ("functions", "settings"),
    [
        ({*FUNCTIONS}, {}),
        ({*FUNCTIONS} - {"purge_runs"}, {"RUN_RETENTION_DAYS": "0"}),
        ({*FUNCTIONS, "refresh_on_schedule"}, {"REFRESH_SCHEDULE": "0 0 5 * * *"}),
    ],
)
def test_a_deployment_with_exactly_the_functions_passes(
    apps: str, scripts: Scripts, functions: set[str], settings: dict[str, str]
) -> None:
    ended = scripts.smoke_test(f"{apps}/200", functions, **settings)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"{len(functions)} functions, and healthy")
    assert "--resource-group rg-test --name func-app" in scripts.asked.read_text()


@pytest.mark.parametrize(
    ("functions", "named"),
    [
        ({*FUNCTIONS, "stranger"} - {"await_alert"}, {("missing:", "await_alert"), ("unexpected:", "stranger")}),
        ((), {("missing:", name) for name in FUNCTIONS}),
    ],
)
def test_functions_that_are_missing_or_too_many_are_named(
    apps: str, scripts: Scripts, functions: Iterable[str], named: set[tuple[str, ...]]
) -> None:
    ended = scripts.smoke_test(f"{apps}/200", functions)
    assert ended.returncode == 1
    assert {tuple(line.split()) for line in ended.stderr.splitlines() if line.startswith("  ")} == named
    assert "could not be imported" in ended.stderr


def test_an_app_that_is_not_healthy_fails_with_what_it_says(apps: str, scripts: Scripts) -> None:
    ended = scripts.smoke_test(f"{apps}/503", FUNCTIONS)
    assert ended.returncode == 1
    assert "not healthy: asked for /503/api/health" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "role"),
    [((), "ef31918f-2d50-4755-8943-b8638c0a077e"), (("--refresh",), "11059518-d6a6-4851-98ed-509268489c4a")],
)
def test_the_permission_is_granted_in_the_cloud_that_az_is_signed_in_to(
    scripts: Scripts, arguments: tuple[str, ...], role: str
) -> None:
    ended = scripts.run("grant-graph-permission.sh", *arguments, "identity")
    assert ended.returncode == 0, ended.stderr
    granted = scripts.asked.read_text().splitlines()[-1]
    assert "--url https://graph.microsoft.us/v1.0/servicePrincipals/identity/appRoleAssignments" in granted
    body = json.loads(granted.partition("--body ")[2])
    assert body == {"principalId": "identity", "resourceId": "graph-object-id", "appRoleId": role}


def test_a_permission_that_is_there_is_not_granted_again(scripts: Scripts) -> None:
    principal = {"SERVICE_API_IDENTITY_PRINCIPAL_ID": "identity"}
    ended = scripts.run("grant-graph-permission.sh", GRANTED="assignment-id\n", **principal)
    assert ended.returncode == 0
    assert "was granted before" in ended.stdout
    assert "--method post" not in scripts.asked.read_text()


def test_without_an_identity_nothing_is_asked(scripts: Scripts) -> None:
    ended = scripts.run("grant-graph-permission.sh")
    assert ended.returncode == 2
    assert "Name the identity" in ended.stderr
    assert not scripts.asked.read_text()
