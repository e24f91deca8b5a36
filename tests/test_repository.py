"""The files around the code: pins, workflows, editors and guides say what is true of the rest."""

import json
import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from domain.settings import read_settings
from emulator.host.settings import load_local_settings
from tests.infra.test_bicep_settings import PARAMETERS, SETTINGS

CHECKOUT = Path(__file__).resolve().parents[1]
WORKFLOWS = {path.stem: path.read_text() for path in (CHECKOUT / ".github" / "workflows").glob("*.yml")}
PYPROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
LOCKS = {
    "requirements.txt": PYPROJECT["project"]["dependencies"],
    "requirements-dev.txt": PYPROJECT["project"]["dependencies"] + PYPROJECT["dependency-groups"]["dev"],
    "requirements-browser.txt": PYPROJECT["dependency-groups"]["browser"],
    "infra/requirements.txt": PYPROJECT["dependency-groups"]["infra"],
    "benchmarks/peers/requirements.txt": PYPROJECT["dependency-groups"]["peers"],
}
# https://learn.microsoft.com/azure/azure-functions/functions-app-settings
OF_THE_HOST = {"AzureWebJobsStorage", "FUNCTIONS_WORKER_RUNTIME"}


def without_comments(jsonc: str) -> Any:
    """Return the document in `jsonc`, which is JSON with the comments that VS Code and dev containers allow."""
    return json.loads(re.sub(r'("(?:\\.|[^"\\])*")|//[^\n]*', lambda found: found[1] or "", jsonc))


def vscode(name: str) -> Any:
    return without_comments((CHECKOUT / ".vscode" / f"{name}.json").read_text())


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_every_action_is_pinned_to_a_commit_that_is_named_by_its_version(workflow: str) -> None:
    uses = re.findall(r"\buses: (.+)", WORKFLOWS[workflow])
    assert uses
    for action in uses:
        # `$/` is this repository, at the commit that runs.
        assert re.fullmatch(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\$/\S+", action)


def test_ci_runs_what_the_script_for_one_machine_runs() -> None:
    script = re.findall(r"^make (\S+)$", (CHECKOUT / ".ci" / "run").read_text(), re.MULTILINE)
    matrix = re.search(r"target: \[(.+)\]", WORKFLOWS["ci"])
    assert matrix is not None
    assert matrix[1].split(", ") == script


def test_a_deployment_hands_over_every_parameter() -> None:
    asked = {variable for given in PARAMETERS.values() for variable in re.findall(r"\$\{(\w+)", given["value"])}
    given = dict(re.findall(r"^ +([A-Z_]+): \$\{\{ (\w+\.\w+)", WORKFLOWS["deploy"], re.MULTILINE))
    sign_in = {"AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_SUBSCRIPTION_ID"}
    secret = {"CHANGES_CALLBACK_URL"}
    assert given == {name: f"{'secrets' if name in secret else 'vars'}.{name}" for name in asked | sign_in}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_one_version_with_hashes(lock: str) -> None:
    lines = (CHECKOUT / lock).read_text().replace("\\\n", "").splitlines()
    requirements = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    assert requirements
    for requirement in requirements:
        assert re.fullmatch(r"[a-z0-9.-]+(\[\w+\])?==\S+( ; .+?)?( +--hash=sha256:[0-9a-f]{64})+", requirement)


@pytest.mark.parametrize(("lock", "asked"), LOCKS.items())
def test_a_lock_holds_what_pyproject_asks_for(lock: str, asked: list[str]) -> None:
    locked = set(re.findall(r"^(\S+==\S+)", (CHECKOUT / lock).read_text(), re.MULTILINE))
    assert {re.sub(r"\[\w+\]", "", pin.lower()) for pin in asked} <= locked, "make lock"


def test_the_template_of_the_local_settings_is_valid_and_names_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text((CHECKOUT / "local.settings.json.template").read_text())
    environment = dict[str, str]()
    assert load_local_settings(tmp_path, environment) == []
    assert set(environment) <= set(SETTINGS) | OF_THE_HOST
    assert set(environment) >= OF_THE_HOST
    assert read_settings(environment) == read_settings({}), "copying it changes nothing"


def test_what_the_editor_launches_needs_tasks_that_there_are() -> None:
    tasks = {task["label"]: task for task in vscode("tasks")["tasks"]}
    needed = {launch["preLaunchTask"] for launch in vscode("launch")["configurations"]}
    needed |= {label for task in tasks.values() for label in task.get("dependsOn", [])}
    assert needed == set(tasks)
    for task in tasks.values():
        # A task that others wait for and that never says it is ready would hold them for good.
        assert task.get("isBackground", False) == bool(task["problemMatcher"])


def test_the_dev_container_has_the_extensions_that_the_editor_is_recommended() -> None:
    container = without_comments((CHECKOUT / ".devcontainer" / "devcontainer.json").read_text())
    brought = set(container["customizations"]["vscode"]["extensions"])
    assert brought == set(vscode("extensions")["recommendations"])
    formatter = vscode("settings")["[python]"]["editor.defaultFormatter"]
    assert formatter in brought


@pytest.mark.parametrize("guide", ["CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "infra/README.md"])
def test_every_file_that_a_guide_names_exists(guide: str) -> None:
    folder, text = (CHECKOUT / guide).parent, (CHECKOUT / guide).read_text()
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link}
    assert [link for link in links if not (folder / link).exists()] == []
    named = set(re.findall(r"`((?:[\w.-]+/)+(?:[\w-]+\.\w+)?)`", text))
    assert [name for name in named if not (CHECKOUT / name).exists() and not (folder / name).exists()] == []


def test_every_target_that_a_guide_names_is_in_the_makefile() -> None:
    makefile = (CHECKOUT / "Makefile").read_text()
    guides = "".join((CHECKOUT / name).read_text() for name in ("CONTRIBUTING.md", "README.md", "infra/README.md"))
    assert set(re.findall(r"`make ([a-z-]+)`", guides)) <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def test_the_package_holds_the_app_alone() -> None:
    ignored = (CHECKOUT / ".funcignore").read_text().split()
    tools = {"benchmarks", "emulator", "tests"}
    names = [*(path.name for path in CHECKOUT.glob("*.md")), *(Path(lock).name for lock in LOCKS if "/" not in lock)]
    left_out = {name for name in {*names, *tools} if any(fnmatch(name, rule.rstrip("/")) for rule in ignored)}
    assert left_out == {*names, *tools} - {"requirements.txt"}
    app = {"function_app.py", "host.json", "requirements.txt", *PYPROJECT["tool"]["mypy"]["packages"]} - tools
    assert not [name for name in app for rule in ignored if fnmatch(name, rule.rstrip("/"))]
