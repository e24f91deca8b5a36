"""What host.json and the environment say."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from emulator.host.settings import HostSettings, SettingsError


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


def test_functions_are_disabled_one_by_one(tmp_path: Path) -> None:
    environment = {
        "AzureWebJobs.Dotted.Disabled": "true",
        "AzureWebJobs__Under__Disabled": "1",
        "AzureWebJobs.Enabled.Disabled": "false",
    }
    assert read(tmp_path, environment).disabled_functions == {"dotted", "under"}


def test_a_body_limit_must_be_a_number(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="must be a number of bytes, not 'lots'"):
        read(tmp_path, {"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "lots"})
