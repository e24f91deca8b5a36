"""The files around the code: what is installed is pinned, what is deployed is complete, and no link is dead."""

import re
import tomllib
from pathlib import Path

import pytest

from alert_refresh.settings import read_settings
from emulator.host.settings import load_local_settings
from tests.infra.test_bicep_settings import PARAMETERS, SETTINGS

CHECKOUT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
GROUPS = PYPROJECT["dependency-groups"]
APP = PYPROJECT["project"]["dependencies"]
DEPLOYED = APP + PYPROJECT["project"]["optional-dependencies"]["telemetry"]
LOCKS = {
    "requirements.txt": DEPLOYED,
    "requirements-run.txt": APP + GROUPS["run"],
    "requirements-dev.txt": DEPLOYED + GROUPS["run"] + GROUPS["dev"],
    "requirements-browser.txt": GROUPS["browser"],
    "infra/requirements.txt": GROUPS["infra"],
}
GUIDES = [
    *(str(path.relative_to(CHECKOUT)) for folder in ("", "docs") for path in (CHECKOUT / folder).glob("*.md")),
    "infra/README.md",
    "infra/logic-apps/README.md",
]
# https://learn.microsoft.com/azure/azure-functions/functions-app-settings
OF_THE_HOST = {"AzureWebJobsStorage", "FUNCTIONS_WORKER_RUNTIME"}


def test_a_deployment_hands_over_every_parameter() -> None:
    asked = {variable for given in PARAMETERS.values() for variable in re.findall(r"\$\{(\w+)", given["value"])}
    deploy = (CHECKOUT / ".github" / "workflows" / "deploy.yml").read_text()
    given = dict(re.findall(r"^ +([A-Z_]+): \$\{\{ (\w+\.\w+)", deploy, re.MULTILINE))
    sign_in = {"AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_SUBSCRIPTION_ID"}
    secret = {"CHANGES_CALLBACK_URL"}
    assert given == {name: f"{'secrets' if name in secret else 'vars'}.{name}" for name in asked | sign_in}


@pytest.mark.parametrize(("lock", "asked"), LOCKS.items())
def test_a_lock_pins_what_pyproject_asks_for_with_hashes(lock: str, asked: list[str]) -> None:
    lines = (CHECKOUT / lock).read_text().replace("\\\n", "").splitlines()
    requirements = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    for requirement in requirements:
        assert re.fullmatch(r"[a-z0-9.-]+(\[\w+\])?==\S+( ; .+?)?( +--hash=sha256:[0-9a-f]{64})+", requirement)
    pins = {re.sub(r"\[\w+\]", "", pin.lower()) for pin in asked}
    assert pins <= {requirement.split()[0] for requirement in requirements}, "make lock"


def test_the_template_of_the_local_settings_is_valid_and_names_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text((CHECKOUT / "local.settings.json.template").read_text())
    environment = dict[str, str]()
    assert load_local_settings(tmp_path, environment) == []
    assert set(environment) <= set(SETTINGS) | OF_THE_HOST
    assert set(environment) >= OF_THE_HOST
    assert read_settings(environment) == read_settings({}), "copying it changes nothing"


@pytest.mark.parametrize("guide", GUIDES)
def test_every_file_that_a_guide_links_to_exists(guide: str) -> None:
    folder, text = (CHECKOUT / guide).parent, (CHECKOUT / guide).read_text()
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link}
    assert [link for link in links if not (folder / link).exists()] == []
