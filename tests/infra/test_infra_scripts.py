"""The scripts beside the templates ask az, azd and pip for the right things. The smoke test has tests of its own."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra.conftest import Scripts, each_shell
from tests.support.bicep import INFRA

READ, READ_WRITE = "ef31918f-2d50-4755-8943-b8638c0a077e", "11059518-d6a6-4851-98ed-509268489c4a"


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


def allow(
    scripts: Scripts, **variables: str
) -> tuple[subprocess.CompletedProcess[str], list[tuple[str, dict[str, str]]]]:
    """Let two callers in. Return how the script ended, and the path and the body of each POST."""
    ended = scripts.run("sh", "allow-caller", "client", "person", "workflow", **variables)
    posts = [line for line in scripts.asked if "--method post" in line]
    found = [re.search(r"--url https://graph.microsoft.us/v1.0/(\S+) .*?--body (\{[^}]*\})", post) for post in posts]
    return ended, [(each[1], json.loads(each[2])) for each in found if each]


def test_a_caller_gets_the_role_of_the_app_and_the_app_may_see_who_signs_in(scripts: Scripts) -> None:
    ended, [consent, *assignments] = allow(scripts)
    assert (ended.returncode, ended.stderr) == (0, "")
    scope = {"resourceId": "graph-object-id", "scope": "openid profile email"}
    assert consent == ("oauth2PermissionGrants", {"clientId": "app-object-id", "consentType": "AllPrincipals", **scope})
    assert assignments == [
        (
            "servicePrincipals/app-object-id/appRoleAssignedTo",
            {"principalId": caller, "resourceId": "app-object-id", "appRoleId": "role-id"},
        )
        for caller in ("person", "workflow")
    ]


@pytest.mark.parametrize(
    ("refusal", "code", "said"),
    [
        ("Permission being assigned already exists on the object", 0, "was allowed before"),
        ("Forbidden", 1, "Forbidden"),
    ],
)
def test_a_caller_who_was_allowed_before_is_no_failure(scripts: Scripts, refusal: str, code: int, said: str) -> None:
    ended, posts = allow(scripts, GRANTED="consent-id\n", REFUSED=refusal)
    assert ended.returncode == code
    assert said in ended.stdout + ended.stderr
    assert len(posts) == (1 if code else 2), "no consent is asked for twice"


def test_without_a_caller_nobody_is_allowed(scripts: Scripts) -> None:
    ended = scripts.run("sh", "allow-caller", "client")
    assert ended.returncode == 2
    assert not scripts.asked
