"""The scripts beside the templates, with an `az`, an `azd` and a Python that write down what they are asked for.

Each hook exists for sh and for PowerShell. Its tests run in the shells that this machine has.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from tests.support.bicep import INFRA
from tests.test_architecture import FUNCTIONS

AZ = """#!/bin/sh
printf 'az %s\\n' "$*" >> "$ASKED"
case "$*" in
    "functionapp function list"*) printf %s "$FUNCTIONS"; exit "${EXIT:-0}" ;;
    "cloud show"*) echo https://graph.microsoft.us/ ;;
    "ad sp show"*) echo graph-object-id ;;
    "identity list"*) printf %s "$IDENTITY"; exit "${EXIT:-0}" ;;
    "provider show"*) echo "$STATE" ;;
    "rest --method get"*) printf %s "$GRANTED" ;;
esac
"""
AZD = """#!/bin/sh
printf 'azd %s\\n' "$*" >> "$ASKED"
"""
PYTHON = """#!/bin/sh
printf 'python %s\\n' "$*" >> "$ASKED"
case "$*" in "-m pip"*) exit "${EXIT:-0}" ;; esac
"""
READ, READ_WRITE = "ef31918f-2d50-4755-8943-b8638c0a077e", "11059518-d6a6-4851-98ed-509268489c4a"
SHELLS = {"sh": "sh", "pwsh": "ps1"}
each_shell = pytest.mark.parametrize("shell", [shell for shell in SHELLS if shutil.which(shell)])


class Health(BaseHTTPRequestHandler):
    """Answers the status that the path begins with, and the path as the body."""

    def do_GET(self) -> None:
        self.send_response(int(self.path[1:4]))
        self.send_header("Content-Type", "text/plain")
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
    """Runs the scripts, with the stand-ins first on the path."""

    def __init__(self, folder: Path, apps: str) -> None:
        self.folder, self.apps = folder, apps
        (folder / "asked").touch()
        for name, program in {"az": AZ, "azd": AZD, "python": PYTHON, "python3": PYTHON}.items():
            (folder / name).write_text(program)
            (folder / name).chmod(0o755)
        path = f"{folder}:{os.environ['PATH']}"
        self.environment = {"PATH": path, "HOME": str(folder), "ASKED": str(folder / "asked")}

    @property
    def asked(self) -> list[str]:
        return (self.folder / "asked").read_text().splitlines()

    def run(self, shell: str, name: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [shell, str(INFRA / f"{name}.{SHELLS[shell]}"), *arguments]
        environment = self.environment | variables
        return subprocess.run(  # noqa: S603 - our own script
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=50
        )

    def smoke_test(
        self, shell: str, status: int, functions: Iterable[str], **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Test an app that answers `status` and has `functions`."""
        known = {
            "AZURE_SUBSCRIPTION_ID": "subscription",
            "AZURE_RESOURCE_GROUP": "rg-test",
            "SERVICE_API_NAME": "func-app",
            "SERVICE_API_URI": f"{self.apps}/{status}",
            "FUNCTIONS": "".join(f"func-app/{name}\n" for name in functions),
        }
        return self.run(shell, "smoke-test", "1", **known, **variables)

    def preprovision(self, shell: str, **variables: str) -> subprocess.CompletedProcess[str]:
        known = {"AZURE_SUBSCRIPTION_ID": "subscription", "AZURE_ENV_NAME": "dev"}
        return self.run(shell, "preprovision", **{**known, **variables})


@pytest.fixture
def scripts(tmp_path: Path, apps: str) -> Scripts:
    return Scripts(tmp_path, apps)


def list_hooks() -> Iterator[dict[str, Any]]:
    project = yaml.safe_load((INFRA.parent / "azure.yaml").read_text())
    for holder in (project, *project["services"].values()):
        yield from holder["hooks"].values()


def test_every_hook_is_a_program_for_sh_and_for_powershell() -> None:
    names = set()
    for hook in list_hooks():
        posix, windows = hook["posix"], hook["windows"]
        assert (posix["shell"], windows["shell"]) == ("sh", "pwsh")
        assert Path(posix["run"]).stem == Path(windows["run"]).stem
        assert (INFRA.parent / posix["run"]).stat().st_mode & 0o100
        assert (INFRA.parent / windows["run"]).is_file()
        names.add(Path(windows["run"]).name)
    assert names == {path.name for path in INFRA.glob("*.ps1")}


def test_a_deployment_is_asserted_to_have_the_functions_of_the_app() -> None:
    named = (INFRA / "functions.txt").read_text().split()
    assert sorted(named) == sorted({*FUNCTIONS, "refresh_on_schedule"})


@each_shell
@pytest.mark.parametrize(
    ("functions", "settings", "off"),
    [
        ({*FUNCTIONS}, {"REFRESH_ENABLED": "false"}, 1),
        ({*FUNCTIONS} - {"purge_runs"}, {"RUN_RETENTION_DAYS": "0", "REFRESH_ENABLED": "true"}, 0),
        ({*FUNCTIONS, "refresh_on_schedule"}, {"REFRESH_SCHEDULE": "0 0 5 * * *", "REFRESH_ENABLED": "true"}, 0),
    ],
)
def test_a_deployment_with_exactly_the_functions_passes_and_ends_with_what_to_do_next(
    scripts: Scripts, shell: str, functions: set[str], settings: dict[str, str], off: int
) -> None:
    ended = scripts.smoke_test(shell, 200, functions, **settings)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"{len(functions)} functions, and healthy")
    assert ended.stdout.count("refreshing is off") == off
    [asked] = scripts.asked
    assert "--subscription subscription --resource-group rg-test --name func-app" in asked
    assert f"{scripts.apps}/200/api/runs?code=<key>" in ended.stdout, "the page"
    assert f'curl -i -X POST "{scripts.apps}/200/api/runs?alertId=' in ended.stdout, "the first call"
    assert "az functionapp keys list --subscription subscription -g rg-test -n func-app" in ended.stdout, "the key"


@each_shell
@pytest.mark.parametrize(
    ("status", "functions", "said"),
    [
        (200, {*FUNCTIONS, "stranger"} - {"await_alert"}, ["missing: await_alert", "unexpected: stranger"]),
        (200, set[str](), [f"missing: {name}" for name in FUNCTIONS]),
        (503, {*FUNCTIONS}, ["not healthy: asked for /503/api/health"]),
    ],
)
def test_a_deployment_with_other_functions_or_that_is_not_healthy_fails(
    scripts: Scripts, shell: str, status: int, functions: set[str], said: list[str]
) -> None:
    ended = scripts.smoke_test(shell, status, functions)
    assert ended.returncode == 1
    errors = " ".join(ended.stderr.split())
    assert [each for each in said if each not in errors] == []
    assert errors.count("missing:") + errors.count("unexpected:") == (len(said) if status == 200 else 0)
    assert ("could not be imported" in errors) == (status == 200)


@each_shell
def test_the_package_gets_its_dependencies_for_the_machines_of_azure(scripts: Scripts, shell: str) -> None:
    stale = scripts.folder / ".python_packages" / "lib" / "site-packages" / "stale.py"
    stale.parent.mkdir(parents=True)
    stale.touch()

    ended = scripts.run(shell, "prepackage")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert not stale.exists()
    backend, install = scripts.asked
    assert backend == "python infra/set_storage_provider.py"
    runtime = "--only-binary :all: --implementation cp --python-version 3.13 --platform manylinux_2_28_x86_64"
    assert runtime in install
    assert install.endswith("--target .python_packages/lib/site-packages --requirement requirements.txt")


@each_shell
@pytest.mark.parametrize(
    ("private", "state", "times"),
    [("true", "NotRegistered", 1), ("true", "Registered", 0), ("false", "NotRegistered", 0)],
)
def test_private_networking_registers_what_the_template_does_not(
    scripts: Scripts, shell: str, private: str, state: str, times: int
) -> None:
    variables = {"PRIVATE_NETWORKING": private, "STATE": state, "GRANT_GRAPH_PERMISSION": "false"}
    ended = scripts.preprovision(shell, **variables)
    assert (ended.returncode, ended.stderr) == (0, "")
    register = "az provider register --namespace Microsoft.App --subscription subscription --wait"
    assert scripts.asked.count(register) == times
    assert ended.stdout.count("Registering the resource provider Microsoft.App") == times


@each_shell
@pytest.mark.parametrize(
    ("variables", "granted"),
    [
        ({}, "false"),
        ({"IDENTITY": "principal\n", "GRANTED": ""}, "false"),
        ({"IDENTITY": "principal\n", "GRANTED": f"another\n{READ}\n"}, "true"),
        ({"IDENTITY": "principal\n", "GRANTED": f"{READ}\n", "REFRESH_ENABLED": "true"}, "false"),
        ({"IDENTITY": "principal\n", "GRANTED": f"{READ_WRITE}\n", "REFRESH_ENABLED": "true"}, "true"),
    ],
)
def test_a_permission_that_is_there_is_not_granted_by_the_deployment(
    scripts: Scripts, shell: str, variables: dict[str, str], granted: str
) -> None:
    ended = scripts.preprovision(shell, **variables)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert scripts.asked[-1] == f"azd env set GRAPH_PERMISSION_GRANTED {granted} --environment dev"
    assert "resourceGroup=='rg-dev'" in scripts.asked[0]


@each_shell
def test_before_azd_knows_the_subscription_it_says_what_to_do(scripts: Scripts, shell: str) -> None:
    ended = scripts.preprovision(shell, AZURE_SUBSCRIPTION_ID="")
    assert ended.returncode == 1
    assert "run azd up" in ended.stderr
    assert not scripts.asked


@each_shell
def test_a_script_ends_with_the_exit_code_of_what_it_calls(scripts: Scripts, shell: str) -> None:
    assert scripts.smoke_test(shell, 200, FUNCTIONS, EXIT="7").returncode == 7
    assert scripts.run(shell, "prepackage", EXIT="7").returncode == 7
    assert scripts.preprovision(shell, EXIT="7").returncode == 7
    assert not [line for line in scripts.asked if line.startswith("azd")], "nothing is said of the permission"


@pytest.mark.parametrize(("arguments", "role"), [((), READ), (("--refresh",), READ_WRITE)])
def test_the_permission_is_granted_in_the_cloud_that_az_is_signed_in_to(
    scripts: Scripts, arguments: tuple[str, ...], role: str
) -> None:
    ended = scripts.run("sh", "grant-graph-permission", *arguments, "identity")
    assert ended.returncode == 0, ended.stderr
    granted = scripts.asked[-1]
    assert "--url https://graph.microsoft.us/v1.0/servicePrincipals/identity/appRoleAssignments" in granted
    body = json.loads(granted.partition("--body ")[2])
    assert body == {"principalId": "identity", "resourceId": "graph-object-id", "appRoleId": role}


def test_a_permission_that_is_there_is_not_granted_again(scripts: Scripts) -> None:
    principal = {"SERVICE_API_IDENTITY_PRINCIPAL_ID": "identity"}
    ended = scripts.run("sh", "grant-graph-permission", GRANTED="assignment-id\n", **principal)
    assert ended.returncode == 0
    assert "was granted before" in ended.stdout
    assert not [line for line in scripts.asked if "--method post" in line]


def test_without_an_identity_nothing_is_asked(scripts: Scripts) -> None:
    ended = scripts.run("sh", "grant-graph-permission")
    assert ended.returncode == 2
    assert "Name the identity" in ended.stderr
    assert not scripts.asked
