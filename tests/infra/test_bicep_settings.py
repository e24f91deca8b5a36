"""The deployment sets each setting that the app reads, and no other; what both sides name has one name."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from alert_refresh.settings import has_schedule, purges_runs, read_settings
from alert_refresh.telemetry.configuration import find_destinations
from alert_refresh.web.requests import LONGEST_BODY
from tests.support.bicep import INFRA, BicepFile, find_block, list_keys

MAIN = BicepFile(INFRA / "main.bicep")
FUNCTION_APP = BicepFile(INFRA / "modules" / "function-app.bicep")
ALERTS = BicepFile(INFRA / "modules" / "alerts.bicep")
SETTINGS = dict(re.findall(r"^ +(\w+): (.+)$", find_block(MAIN.text, "settings: {"), re.MULTILINE))
HOST_BLOCK = find_block(FUNCTION_APP.text, "var hostSettings = {")
HOST_VALUES = dict(re.findall(r"^ +(\w+): '(.+)'$", HOST_BLOCK, re.MULTILINE))
HOST = (INFRA.parent / "host.json").read_text()
PARAMETERS = json.loads((INFRA / "main.parameters.json").read_text())["parameters"]


def test_the_deployment_sets_what_the_app_reads_and_nothing_else() -> None:
    environment = Mock(get=Mock(side_effect=lambda _, default: default))
    read_settings(environment)
    has_schedule(environment)
    purges_runs(environment)
    assert set(SETTINGS) == {asked.args[0] for asked in environment.get.call_args_list}


def test_azd_takes_every_parameter_from_the_variable_of_its_setting_and_the_defaults_change_nothing() -> None:
    assert set(PARAMETERS) == set(MAIN.params)
    environment = dict[str, str]()
    for setting, value in SETTINGS.items():
        variable = PARAMETERS[re.sub(r"string\((\w+)\)", r"\1", value)]["value"]
        default = re.fullmatch(rf"\$\{{{setting}=([^}}]*)\}}", variable)
        assert default, variable
        environment[setting] = default[1]
    assert read_settings(environment) == read_settings({})
    assert purges_runs(environment)
    assert not has_schedule(environment)


def test_the_deployed_app_exports_to_application_insights() -> None:
    assert find_destinations(dict.fromkeys(list_keys(HOST_BLOCK), "given") | HOST_VALUES) == (True, False)


def test_the_host_refuses_bodies_that_no_start_needs_and_takes_those_that_the_app_answers() -> None:
    limit = int(HOST_VALUES["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"])
    assert limit == 2**20
    assert limit > LONGEST_BODY, "the app's own 413 says what is wrong; the host's has no body"


def test_the_host_is_given_the_names_that_it_reads() -> None:
    assert set(list_keys(HOST_BLOCK)) == {
        # https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
        *("AzureWebJobsStorage__blobServiceUri", "AzureWebJobsStorage__credential", "AzureWebJobsStorage__clientId"),
        # https://learn.microsoft.com/azure/azure-functions/functions-app-settings
        *("AZURE_CLIENT_ID", "AZURE_TOKEN_CREDENTIALS", "APPLICATIONINSIGHTS_CONNECTION_STRING"),
        *("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "PYTHON_ENABLE_OPENTELEMETRY"),
        # https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger#limits
        "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT",
    }


@pytest.mark.parametrize("backend", [None, "", "storage", "scheduler"])
def test_a_package_names_one_backend(backend: str | None, tmp_path: Path) -> None:
    expected = json.loads(HOST)
    if backend == "scheduler":
        [setting] = re.findall(r"\{ (\w+): schedulerConnectionString \}", FUNCTION_APP.text)
        provider = {"type": "azureManaged", "connectionStringName": setting}
        expected["extensions"]["durableTask"]["storageProvider"] = provider
    (tmp_path / "host.json").write_text(HOST)
    environment = {"PATH": os.environ["PATH"], **({} if backend is None else {"DURABLE_BACKEND": backend})}

    command = [sys.executable, str(INFRA / "set_storage_provider.py")]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)  # noqa: S603 - our own script

    assert json.loads((tmp_path / "host.json").read_text()) == expected


def test_a_poll_is_seconds_late_at_most_and_lost_work_comes_back_after_a_minute() -> None:
    """The defaults of the extension were seen to cost 13 s and 5 minutes: docs/operate.md."""
    provider = json.loads(HOST)["extensions"]["durableTask"]["storageProvider"]
    assert provider["type"] == "AzureStorage"
    assert "00:00:01" <= provider["maxQueuePollingInterval"] <= "00:00:05"
    for queue in ("controlQueueVisibilityTimeout", "workItemQueueVisibilityTimeout"):
        assert provider[queue] == "00:01:00", "work of a killed host is repeated after 53 to 92 s"
    assert provider["partitionCount"] == 1, "the fewest storage transactions of an idle day"


def test_the_rule_of_failed_runs_names_the_orchestrator_as_it_is() -> None:
    assert "== 'await_alert'" in ALERTS.text
    assert (INFRA.parent / "orchestrators" / "await_alert.py").is_file()
