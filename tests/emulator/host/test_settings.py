"""What host.json and the environment say."""

import json
import os
from datetime import timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from emulator.host.hub import HubOptions
from emulator.host.hub.options import VersionFailure, VersionMatch
from emulator.host.settings import HostSettings, SettingsError, read_hub_options
from tests.emulator.host.conftest import DURABLE

WINDOW = "entityMessageReorderWindowInMinutes"
TIMEOUT = "AzureFunctionsJobHost__functionTimeout"
TYPE = f"{DURABLE}storageProvider__type"
SCHEDULER = {"storageProvider": {"type": "azureManaged"}}


def read(folder: Path, environment: dict[str, str], durable: dict[str, Any]) -> HostSettings:
    document = {"version": "2.0", "extensions": {"durableTask": durable}}
    (folder / "host.json").write_text(json.dumps(document))
    return HostSettings.read(folder, environment)


def test_defaults(tmp_path: Path) -> None:
    settings = read(tmp_path, {}, {})
    assert (settings.route_prefix, settings.hub_name, settings.homepage) == ("api", "TestHubName", True)
    assert (settings.body_limit, settings.grpc_message_limit) == (104_857_600, 4_194_304)
    assert settings.max_activities == settings.max_orchestrators == 10 * (os.cpu_count() or 1)
    assert settings.hub == HubOptions(drops_entity_calls=True, version_match=VersionMatch.CURRENT_OR_OLDER)


@pytest.mark.parametrize(
    ("environment", "durable", "name", "value"),
    [
        ({"HUB": "Blue"}, {"hubName": "%HUB%2"}, "hub_name", "Blue2"),
        ({"WEBSITE_SITE_NAME": "site"}, {}, "hub_name", "site"),
        ({}, {}, "function_timeout", timedelta(minutes=30)),
        ({TIMEOUT: "00:05:00"}, {}, "function_timeout", timedelta(minutes=5)),
        ({TIMEOUT: "1.02:00:03"}, {}, "function_timeout", timedelta(days=1, hours=2, seconds=3)),
        ({TIMEOUT: "-1"}, {}, "function_timeout", None),
        # Calls of entities are dropped unless the reorder window is 0 or the scheduler has them.
        ({}, {WINDOW: 0}, "hub.drops_entity_calls", False),
        ({DURABLE + WINDOW: "30"}, {WINDOW: 0}, "hub.drops_entity_calls", True),
        ({DURABLE + WINDOW: "0"}, {}, "hub.drops_entity_calls", False),
        ({}, SCHEDULER, "hub.drops_entity_calls", False),
        ({TYPE: "azureManaged"}, {}, "hub.drops_entity_calls", False),
        ({TYPE: "AzureStorage"}, SCHEDULER, "hub.drops_entity_calls", True),
        ({}, {WINDOW: 0}, "hub.reorders_signals", True),
        ({}, {"defaultVersion": "2.1"}, "hub.default_version", "2.1"),
        ({}, {"versionMatchStrategy": "strict"}, "hub.version_match", VersionMatch.STRICT),
        ({}, {"versionFailureStrategy": "FAIL"}, "hub.version_failure", VersionFailure.FAIL),
    ],
)
def test_host_json_and_the_environment(
    tmp_path: Path, environment: dict[str, str], durable: dict[str, Any], name: str, value: object
) -> None:
    assert attrgetter(name)(read(tmp_path, environment, durable)) == value


def test_a_task_hub_without_host_json_has_the_defaults_of_azure(tmp_path: Path) -> None:
    assert read_hub_options(tmp_path, {}).drops_entity_calls
    assert not read_hub_options(tmp_path, {DURABLE + WINDOW: "0"}).drops_entity_calls
    read(tmp_path, {}, {WINDOW: 0})
    assert not read_hub_options(tmp_path, {}).drops_entity_calls


@pytest.mark.parametrize(
    ("environment", "durable", "reason"),
    [
        ({"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "lots"}, {}, "must be a number of bytes, not 'lots'"),
        ({TIMEOUT: "soon"}, {}, "must be like 00:05:00, or -1, not 'soon'"),
        ({}, {"versionMatchStrategy": "Newest"}, "must be one of None, Strict, CurrentOrOlder, not 'Newest'"),
        ({}, {"maxConcurrentActivityFunctions": 0}, "'maxConcurrentActivityFunctions' in host.json must be a positive"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    tmp_path: Path, environment: dict[str, str], durable: dict[str, Any], reason: str
) -> None:
    with pytest.raises(SettingsError, match=reason):
        read(tmp_path, environment, durable)
