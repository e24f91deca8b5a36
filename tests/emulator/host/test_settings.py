"""What host.json and the environment say."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from emulator.host.settings import HostSettings, SettingsError, read_hub_options


def read(folder: Path, environment: dict[str, str], **extensions: Any) -> HostSettings:
    (folder / "host.json").write_text(json.dumps({"version": "2.0", "extensions": extensions}))
    return HostSettings.read(folder, environment)


def test_defaults(tmp_path: Path) -> None:
    settings = read(tmp_path, {})
    assert (settings.route_prefix, settings.hub_name, settings.homepage) == ("api", "TestHubName", True)
    assert (settings.body_limit, settings.grpc_message_limit) == (104_857_600, 4_194_304)
    assert settings.max_activities == settings.max_orchestrators == 10 * (os.cpu_count() or 1)


def test_a_hub_name_can_stand_in_the_environment(tmp_path: Path) -> None:
    durable = {"hubName": "%HUB%2"}
    assert read(tmp_path, {"HUB": "Blue"}, durableTask=durable).hub_name == "Blue2"
    assert read(tmp_path, {"WEBSITE_SITE_NAME": "site"}).hub_name == "site"


def test_a_body_limit_must_be_a_number(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="must be a number of bytes, not 'lots'"):
        read(tmp_path, {"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "lots"})


WINDOW = "entityMessageReorderWindowInMinutes"
DURABLE = "AzureFunctionsJobHost__extensions__durableTask__"


def test_entity_calls_are_dropped_unless_the_reorder_window_is_0(tmp_path: Path) -> None:
    assert read(tmp_path, {}).hub.drops_entity_calls
    assert not read(tmp_path, {}, durableTask={WINDOW: 0}).hub.drops_entity_calls
    assert read(tmp_path, {DURABLE + WINDOW: "30"}, durableTask={WINDOW: 0}).hub.drops_entity_calls
    assert not read(tmp_path, {DURABLE + WINDOW: "0"}).hub.drops_entity_calls


def test_the_durable_task_scheduler_drops_no_entity_calls(tmp_path: Path) -> None:
    scheduler = {"storageProvider": {"type": "azureManaged"}}
    assert not read(tmp_path, {}, durableTask=scheduler).hub.drops_entity_calls
    assert not read(tmp_path, {f"{DURABLE}storageProvider__type": "azureManaged"}).hub.drops_entity_calls
    environment = {f"{DURABLE}storageProvider__type": "AzureStorage"}
    assert read(tmp_path, environment, durableTask=scheduler).hub.drops_entity_calls


def test_a_task_hub_without_host_json_has_the_defaults_of_azure(tmp_path: Path) -> None:
    assert read_hub_options(tmp_path, {}).drops_entity_calls
    assert not read_hub_options(tmp_path, {DURABLE + WINDOW: "0"}).drops_entity_calls
    read(tmp_path, {}, durableTask={WINDOW: 0})
    assert not read_hub_options(tmp_path, {}).drops_entity_calls


def test_versions_match_as_the_extension_has_it_unless_host_json_says_otherwise(tmp_path: Path) -> None:
    options = read(tmp_path, {}).hub
    assert (options.default_version, options.version_match, options.version_failure) == ("", "CurrentOrOlder", "Reject")
    durable = {"defaultVersion": "2.1", "versionMatchStrategy": "strict", "versionFailureStrategy": "FAIL"}
    options = read(tmp_path, {}, durableTask=durable).hub
    assert (options.default_version, options.version_match, options.version_failure) == ("2.1", "Strict", "Fail")


def test_a_version_strategy_must_be_one_that_there_is(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="must be one of None, Strict, CurrentOrOlder, not 'Newest'"):
        read(tmp_path, {}, durableTask={"versionMatchStrategy": "Newest"})
