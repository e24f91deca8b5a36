"""What host.json and local.settings.json say, with Azure's defaults."""

import json
import os
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from emulator.host.hub.options import HubOptions, VersionFailure, VersionMatch

DEFAULT_BODY_LIMIT = 104_857_600
DEFAULT_GRPC_MESSAGE_LIMIT = 4_194_304
DEFAULT_TIMEOUT = "00:30:00"
DEFAULT_REORDER_MINUTES = 30
OVERRIDE = "AzureFunctionsJobHost__"


class SettingsError(Exception):
    """The app's settings cannot be used; the text is one sentence for the developer."""


@dataclass(frozen=True)
class HostSettings:
    """The settings the emulated host honours; sizes in bytes.

    Sources: learn.microsoft.com/azure/azure-functions/functions-host-json and …/durable/durable-functions-bindings.
    """

    route_prefix: str
    hub_name: str
    body_limit: int
    grpc_message_limit: int
    max_orchestrators: int
    max_activities: int
    max_entities: int
    homepage: bool
    exports_spans: bool
    disabled_functions: frozenset[str]
    hub: HubOptions = field(default_factory=HubOptions)
    function_timeout: timedelta | None = None

    @classmethod
    def read(cls, folder: Path, environment: Mapping[str, str] = os.environ) -> "HostSettings":
        """Read `folder`/host.json; raises SettingsError when it is missing or not usable."""
        document = _host_json(folder, environment)
        http = _section(document, "extensions", "http")
        durable = _section(document, "extensions", "durableTask")
        default_concurrency = 10 * (os.cpu_count() or 1)
        return cls(
            route_prefix=str(http.get("routePrefix", "api") or "").strip("/"),
            hub_name=_hub_name(durable, environment),
            body_limit=_body_limit(environment),
            grpc_message_limit=_count(durable, "maxGrpcMessageSizeInBytes", DEFAULT_GRPC_MESSAGE_LIMIT),
            max_orchestrators=_count(durable, "maxConcurrentOrchestratorFunctions", default_concurrency),
            max_activities=_count(durable, "maxConcurrentActivityFunctions", default_concurrency),
            max_entities=_count(durable, "maxConcurrentEntityFunctions", default_concurrency),
            function_timeout=_timeout(document),
            homepage=environment.get("AzureWebJobsDisableHomepage", "").lower() != "true",
            exports_spans=_exports_spans(document, environment),
            disabled_functions=_find_disabled(environment),
            hub=_hub_options(durable),
        )


def read_hub_options(folder: Path, environment: Mapping[str, str] = os.environ) -> HubOptions:
    """Return what `folder`/host.json says to a task hub, Azure's defaults where there is none.

    Raises SettingsError when it is there and not usable.
    """
    exists = (folder / "host.json").exists()
    document = _host_json(folder, environment) if exists else _override({}, environment)
    return _hub_options(_section(document, "extensions", "durableTask"))


def load_local_settings(folder: Path, environment: MutableMapping[str, str] = os.environ) -> list[str]:
    """Put the `Values` of local.settings.json into `environment`, as Core Tools does; return the names skipped.

    A variable that is already set wins. Only string values count. Raises SettingsError when the file is encrypted.
    """
    path = folder / "local.settings.json"
    if not path.exists():
        return []
    document = _object(path)
    if document.get("IsEncrypted"):
        raise SettingsError(f"{path} is encrypted; run `func settings decrypt` first.")
    skipped = []
    for name, value in _section(document, "Values").items():
        if name in environment or not isinstance(value, str):
            skipped.append(name)
        else:
            environment[name] = value
    return skipped


def _host_json(folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    document = _object(folder / "host.json")
    if document.get("version") != "2.0":
        raise SettingsError(f'{folder / "host.json"} must say "version": "2.0".')
    return _override(document, environment)


def _object(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(
            f"There is no {path.name} in {path.parent}; run the host in the folder of the app."
        ) from None
    except (ValueError, OSError) as error:
        raise SettingsError(f"{path} cannot be read as JSON: {error}.") from None
    if not isinstance(document, dict):
        raise SettingsError(f"{path} must be a JSON object.")
    return document


def _section(document: dict[str, Any], *names: str) -> dict[str, Any]:
    section: Any = document
    for name in names:
        section = section.get(name) or {}
        if not isinstance(section, dict):
            raise SettingsError(f"'{'.'.join(names)}' must be a JSON object.")
    return dict(section)


def _count(section: dict[str, Any], name: str, default: int) -> int:
    value = section.get(name, default)
    if not isinstance(value, int) or value < 1:
        raise SettingsError(f"'{name}' in host.json must be a positive whole number, not {value!r}.")
    return value


def _override(document: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """Return `document` with the values of `AzureFunctionsJobHost__extensions__durableTask__hubName` and the like.

    Source: learn.microsoft.com/azure/azure-functions/functions-host-json#override-hostjson-values.
    """
    for name, value in environment.items():
        if name.startswith(OVERRIDE):
            *path, key = name.removeprefix(OVERRIDE).split("__")
            section = document
            for part in path:
                section[part] = _section(section, part)
                section = section[part]
            section[key] = int(value) if value.isdecimal() else value
    return document


def _hub_options(durable: dict[str, Any]) -> HubOptions:
    window = durable.get("entityMessageReorderWindowInMinutes", DEFAULT_REORDER_MINUTES)
    if not isinstance(window, int) or window < 0:
        raise SettingsError(f"'entityMessageReorderWindowInMinutes' must be a number of minutes, not {window!r}.")
    is_scheduler = str(_section(durable, "storageProvider").get("type", "")).lower() == "azuremanaged"
    return HubOptions(
        drops_entity_calls=window > 0 and not is_scheduler,
        reorders_signals=window == 0 and not is_scheduler,
        default_version=str(durable.get("defaultVersion") or ""),
        version_match=_choice(durable, "versionMatchStrategy", VersionMatch.CURRENT_OR_OLDER),
        version_failure=_choice(durable, "versionFailureStrategy", VersionFailure.REJECT),
    )


def _choice[Choice: StrEnum](section: dict[str, Any], name: str, default: Choice) -> Choice:
    """Return one of the words of `default`'s kind, which are compared without case."""
    value = str(section.get(name, default))
    for choice in type(default):
        if choice.lower() == value.lower():
            return choice
    raise SettingsError(f"'{name}' in host.json must be one of {', '.join(type(default))}, not {value!r}.")


def _hub_name(durable: dict[str, Any], environment: Mapping[str, str]) -> str:
    """Return the hub's name; `%NAME%` in it stands for an app setting."""
    name = str(durable.get("hubName") or environment.get("WEBSITE_SITE_NAME") or "TestHubName")
    return re.sub("%([^%]+)%", lambda found: environment.get(found[1], found[0]), name)


def _timeout(document: dict[str, Any]) -> timedelta | None:
    """Return `functionTimeout`, as `00:05:00`; None where it is `-1`, which sets no limit."""
    value = str(document.get("functionTimeout", DEFAULT_TIMEOUT))
    if value == "-1":
        return None
    if not (found := re.fullmatch(r"(?:(\d+)\.)?(\d\d?):(\d\d):(\d\d)", value)):
        raise SettingsError(f"'functionTimeout' in host.json must be like 00:05:00, or -1, not {value!r}.")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _body_limit(environment: Mapping[str, str]) -> int:
    limit = environment.get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", str(DEFAULT_BODY_LIMIT))
    if not limit.isdecimal():
        raise SettingsError(f"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT must be a number of bytes, not {limit!r}.")
    return int(limit)


def _exports_spans(document: dict[str, Any], environment: Mapping[str, str]) -> bool:
    mode = str(document.get("telemetryMode", "")).lower()
    return mode == "opentelemetry" and bool(environment.get("OTEL_EXPORTER_OTLP_ENDPOINT"))


def _find_disabled(environment: Mapping[str, str]) -> frozenset[str]:
    prefix, suffix = "azurewebjobs.", ".disabled"
    # App settings on Linux cannot hold a dot; there the double underscore stands for it.
    named = ((name.lower().replace("__", "."), value) for name, value in environment.items())
    return frozenset(
        name.removeprefix(prefix).removesuffix(suffix)
        for name, value in named
        if name.startswith(prefix) and name.endswith(suffix) and value.lower() in {"true", "1"}
    )
