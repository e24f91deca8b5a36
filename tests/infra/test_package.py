"""The package that azd zips: the app and its dependencies, and nothing else. What azd takes is written anew here."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from tests.support.bicep import INFRA

CHECKOUT = INFRA.parent
RULES = [line for line in (CHECKOUT / ".funcignore").read_text().splitlines() if not line.startswith("#")]
DEPENDENCIES = ".python_packages/lib/site-packages"
PYPROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())


def list_package(folder: Path, path: str = "") -> Iterator[str]:
    """Yield the files that azd takes from `folder`. The last rule that matches decides.

    https://github.com/denormal/go-gitignore, for the rules that the first test allows.
    """
    for each in sorted(folder.iterdir()):
        name = f"{path}{each.name}"
        if not is_ignored(name) and each.is_dir():
            yield from list_package(each, f"{name}/")
        elif not is_ignored(name):
            yield name


def is_ignored(path: str) -> bool:
    for rule in reversed(RULES):
        pattern = rule.removeprefix("!")
        matches = path == pattern[1:] if pattern.startswith("/") else fnmatchcase(path.rpartition("/")[2], pattern)
        if matches:
            return not rule.startswith("!")
    return False


def write(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()


def list_checked_in() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=True)  # noqa: S607 - the git of the checkout
    return listed.stdout.split()


def test_each_rule_is_of_a_kind_that_azd_and_git_read_alike() -> None:
    for rule in RULES:
        anchored = rule.startswith("/")
        assert "/" not in rule[1:], "azd takes the slash at the end of a rule for something else"
        assert not (anchored and "*" in rule), "to azd, the asterisk of a rule from the root stands for slashes, too"


def test_the_package_holds_the_app_and_its_dependencies(tmp_path: Path) -> None:
    write(tmp_path, *list_checked_in())
    dependencies = {
        *(
            f"{DEPENDENCIES}/aiohttp/{name}"
            for name in ("__init__.py", "_http_parser.so", "tests/__init__.py", "docs/x.txt")
        ),
        f"{DEPENDENCIES}/grpc/env/__init__.py",
    }
    write(tmp_path, *dependencies)
    write(
        tmp_path,
        *("local.settings.json", ".env", ".azure/dev/.env", ".git/config", ".venv/pyvenv.cfg", ".ruff_cache/0/1"),
        *(
            f"{name}/lib/python3.13/site-packages/aiohttp/__init__.py"
            for name in ("venv", "env", "pim-alert-refresh_env")
        ),
        *("alert_refresh/__pycache__/settings.cpython-313.pyc", f"{DEPENDENCIES}/grpc/__pycache__/x.pyc"),
    )

    package = set(list_package(tmp_path))

    folders = {*PYPROJECT["tool"]["mypy"]["packages"]} - {"benchmarks", "emulator", "tests"}
    app = {path for path in list_checked_in() if path.split("/")[0] in folders}
    assert package == app | dependencies | {"function_app.py", "host.json", "openapi.json", "requirements.txt"}


def test_nothing_is_built_in_azure_by_an_azd_that_knows_how_to_leave_that_out() -> None:
    project = yaml.safe_load((CHECKOUT / "azure.yaml").read_text())
    assert project["services"]["api"]["remoteBuild"] is False
    minimum = re.fullmatch(r">= (\d+)\.(\d+)\.(\d+)", project["requiredVersions"]["azd"])
    assert minimum
    assert tuple(map(int, minimum.groups())) >= (1, 23, 13), "https://github.com/Azure/azure-dev/pull/6748"


def test_an_installation_finds_no_package_to_build() -> None:
    """With so many folders, setuptools refuses to guess: `azd restore` and `pip install .` would fail."""
    assert PYPROJECT["tool"]["setuptools"] == {"py-modules": []}
