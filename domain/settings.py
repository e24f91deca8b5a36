"""The app's settings: read from the environment, validated once, all faults told together."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from os import environ
from urllib.parse import urlsplit

LONGEST_RUN_SECONDS = 86_400


class InvalidSettings(ValueError):
    """Raised with every faulty setting: `errors` is a list of `{field, detail}`. Values are never repeated."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("; ".join(f"{error['field']} {error['detail']}" for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Settings:
    graph_base_url: str
    """Scheme, host and port, without a path or a trailing slash."""
    graph_scope: str
    poll_min_seconds: float
    poll_max_seconds: float
    run_timeout_seconds: int


@cache
def settings() -> Settings:
    """Return this process's settings. Raises `InvalidSettings`. App settings change only with a restart of the app."""
    return read_settings(environ)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings in `environment`, with defaults for what is unset or blank. Raises `InvalidSettings`."""
    errors: list[dict[str, str]] = []

    def text(name: str, default: str) -> str:
        return environment.get(name, "").strip() or default

    def number(name: str, default: str, low: float, high: float) -> float:
        try:
            value = float(text(name, default))
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            errors.append({"field": name, "detail": f"must be a number of seconds from {low:g} to {high:g}"})
        return value

    base = text("GRAPH_BASE_URL", "https://graph.microsoft.com").rstrip("/")
    if not _is_base_url(base):
        detail = "must be https://<host> without a path, as https://graph.microsoft.us; http is taken for loopback only"
        errors.append({"field": "GRAPH_BASE_URL", "detail": detail})
    shortest = number("POLL_MIN_SECONDS", "5", 0.1, 3600)
    longest = number("POLL_MAX_SECONDS", "60", 0.1, 3600)
    if shortest > longest:
        errors.append({"field": "POLL_MAX_SECONDS", "detail": "must not be less than POLL_MIN_SECONDS"})
    timeout = number("RUN_TIMEOUT_SECONDS", "3600", 1, LONGEST_RUN_SECONDS)
    if errors:
        raise InvalidSettings(errors)
    return Settings(base, text("GRAPH_SCOPE", f"{base}/.default"), shortest, longest, int(timeout))


def _is_base_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host = parts.hostname
        usable = parts.port != 0
    except ValueError:
        return False
    if not host or not usable or "@" in parts.netloc or parts.path or parts.query or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def is_loopback(host: str) -> bool:
    """Tell whether `host` can only mean this machine: `localhost` or a loopback address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
