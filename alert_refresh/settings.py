"""The app's settings, read from the environment. They are checked once, and all faults are reported together."""

import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from ipaddress import ip_address
from os import environ
from typing import NamedTuple
from urllib.parse import urlsplit

from alert_refresh.callback.urls import check_callback_url, is_allowed_host

LONGEST_RUN_SECONDS = 86_400
LARGEST_INCIDENTS = 1_000_000
"""Bytes. The answer that carries a run holds its input, its custom status and its result, and gRPC takes 4 MB."""

LONGEST_LABEL = 63
RETENTION_DAYS = "30"
SWITCH = {"true": True, "1": True, "false": False, "0": False}
DEFAULT_PORTS = {"https": 443, "http": 80}

LOGIC_APPS = "*.logic.azure.com,*.environment.api.powerplatform.com"
LOGIC_APPS_OF_CLOUDS = {".microsoft.us": ",*.logic.azure.us", ".chinacloudapi.cn": ",*.logic.azure.cn"}
"""Domain of Graph in another cloud → hosts to add. https://learn.microsoft.com/graph/deployments"""


class InvalidSettings(ValueError):
    """At least one setting is wrong: `errors` has a `{field, detail}` for each. No value is repeated."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("; ".join(f"{error['field']} {error['detail']}" for error in errors))
        self.errors = errors


class Settings(NamedTuple):
    """Every setting of the app."""

    graph_base_url: str
    """Scheme, host and port, without a path or a trailing slash."""
    graph_scope: str
    poll_min_seconds: float
    poll_max_seconds: float
    run_timeout_seconds: int
    refresh_enabled: bool
    """Whether runs may refresh. A refresh needs a larger permission, and makes dismissed alerts active again."""
    incidents_limit_bytes: int
    """Bytes of ASCII JSON that the incidents of one run may take in the durable history."""
    run_retention_days: float
    """How many days after its start a run is purged, if it has ended. 0 keeps every run for ever."""
    changes_callback_url: str | None
    """Where the scheduled refresh of all alerts posts what changed. A secret."""
    callback_allowed_hosts: tuple[str, ...]
    """In lower case."""


@cache
def settings() -> Settings:
    """Return this process's settings. Raises `InvalidSettings`. App settings change only with a restart of the app."""
    return read_settings(environ)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings in `environment`; a blank one has its default, too. Raises `InvalidSettings`."""
    errors: list[dict[str, str]] = []

    def text(name: str, default: str) -> str:
        return environment.get(name, "").strip() or default

    def number(name: str, default: str, low: float, high: float, unit: str = "seconds") -> float:
        try:
            value = float(text(name, default))
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            errors.append({"field": name, "detail": f"must be a number of {unit} from {low:g} to {high:g}"})
            # Compares false with any other number: no second fault is reported for this one.
            return math.nan
        return value

    def switch(name: str, default: str) -> bool:
        value = SWITCH.get(text(name, default).lower())
        if value is None:
            errors.append({"field": name, "detail": "must be true or false"})
        return bool(value)

    base = _parse_origin(text("GRAPH_BASE_URL", "https://graph.microsoft.com"))
    if base is None:
        detail = "must be https://<host> without a path, as https://graph.microsoft.us; http is taken for loopback only"
        errors.append({"field": "GRAPH_BASE_URL", "detail": detail})
    shortest = number("POLL_MIN_SECONDS", "15", 1, 3600)
    longest = number("POLL_MAX_SECONDS", "60", 1, 3600)
    if shortest > longest:
        errors.append({"field": "POLL_MAX_SECONDS", "detail": "must not be less than POLL_MIN_SECONDS"})
    timeout = number("RUN_TIMEOUT_SECONDS", "3600", 1, LONGEST_RUN_SECONDS)
    cloud = "".join(hosts for domain, hosts in LOGIC_APPS_OF_CLOUDS.items() if base and base.endswith(domain))
    hosts = tuple(host.strip().lower() for host in text("CALLBACK_ALLOWED_HOSTS", LOGIC_APPS + cloud).split(","))
    errors += _check_hosts(hosts)
    refresh = switch("REFRESH_ENABLED", "false")
    errors += _check_schedule(environment, hosts, refresh_enabled=refresh)
    incidents = number("INCIDENTS_LIMIT_BYTES", "800000", 0, LARGEST_INCIDENTS, "bytes")
    retention = number("RUN_RETENTION_DAYS", RETENTION_DAYS, 0, 3650, "days")
    errors += _check_public_url(environment)
    if errors or base is None:
        raise InvalidSettings(errors)
    return Settings(
        graph_base_url=base,
        graph_scope=text("GRAPH_SCOPE", f"{base}/.default"),
        poll_min_seconds=shortest,
        poll_max_seconds=longest,
        run_timeout_seconds=int(timeout),
        refresh_enabled=refresh,
        incidents_limit_bytes=int(incidents),
        run_retention_days=retention,
        changes_callback_url=text("CHANGES_CALLBACK_URL", "") or None,
        callback_allowed_hosts=hosts,
    )


def find_public_url(environment: Mapping[str, str]) -> str | None:
    """Return PUBLIC_URL; None when it is unset or not valid. No other setting matters: a fault there moves no link."""
    text = environment.get("PUBLIC_URL", "").strip()
    found = re.fullmatch(r"(https?://[^/]+)((?:/(?!\.\.?(?:/|$))[a-z0-9._~-]+)*)/?", text, re.IGNORECASE | re.ASCII)
    origin = found and _parse_origin(found[1])
    return origin + found[2] if origin and found else None


def has_schedule(environment: Mapping[str, str]) -> bool:
    """Tell whether the app refreshes all alerts on a schedule. `/health` reports a schedule that is not valid."""
    return is_schedule(environment.get("REFRESH_SCHEDULE", "").strip())


def purges_runs(environment: Mapping[str, str]) -> bool:
    """Tell whether the app purges ended runs: 0 days, as 0, 0.0 or -0, keeps them for ever."""
    try:
        return float(environment.get("RUN_RETENTION_DAYS", "").strip() or RETENTION_DAYS) != 0
    except ValueError:
        # Then there is a timer, and it reports that the setting is wrong.
        return True


def is_loopback(host: str) -> bool:
    """Tell whether `host` can only mean this machine: `localhost` or a loopback address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_public_url(environment: Mapping[str, str]) -> list[dict[str, str]]:
    wrong = environment.get("PUBLIC_URL", "").strip() and not find_public_url(environment)
    detail = "must be https://<host> with an optional path, as https://api.example.com/pim; no query, no fragment"
    return [{"field": "PUBLIC_URL", "detail": detail}] if wrong else []


def _check_hosts(hosts: Sequence[str]) -> list[dict[str, str]]:
    wrong = [str(place) for place, host in enumerate(hosts, 1) if not is_allowed_host(host)]
    detail = (
        "must be DNS names with commas between, each alone or behind *., as *.logic.azure.com; "
        f"of loopback localhost, 127.0.0.1 and [::1]; to correct: entry {', '.join(wrong)}"
    )
    return [{"field": "CALLBACK_ALLOWED_HOSTS", "detail": detail}] if wrong else []


def _check_schedule(
    environment: Mapping[str, str], hosts: Sequence[str], *, refresh_enabled: bool
) -> list[dict[str, str]]:
    errors = []
    schedule, url = (environment.get(name, "").strip() for name in ("REFRESH_SCHEDULE", "CHANGES_CALLBACK_URL"))
    if schedule and not is_schedule(schedule):
        errors.append({"field": "REFRESH_SCHEDULE", "detail": ACCEPTED})
    if schedule and not refresh_enabled:
        errors.append({"field": "REFRESH_SCHEDULE", "detail": "needs REFRESH_ENABLED to be true"})
    try:
        if url:
            check_callback_url(url, hosts)
    except ValueError as error:
        errors.append({"field": "CHANGES_CALLBACK_URL", "detail": str(error)})
    return errors


def _parse_origin(text: str) -> str | None:
    """Return the origin that `text` names, in lower case and without a default port; None when it is not a base URL."""
    try:
        parts = urlsplit(text.rstrip("/"))
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    plain = re.fullmatch(rf"{parts.scheme}://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:[0-9]+)?/*", text.lower(), re.ASCII)
    labels = [label for label in host.split(".") if 1 <= len(label) <= LONGEST_LABEL]
    if not plain or port == 0 or len(labels) != host.count(".") + 1:
        return None
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        return None
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port not in {None, DEFAULT_PORTS[parts.scheme]} else "")


ACCEPTED = (
    "must be an NCRONTAB expression of six fields (second minute hour day month weekday), as 0 0 6 * * *, "
    "or a time span hh:mm:ss or d.hh:mm:ss of more than zero with hours below 24"
)
"""The end of the sentence that reports a wrong schedule."""

_TIME_SPAN = re.compile(r"(?:[0-9]{1,6}\.)?(?:[01]?[0-9]|2[0-3])(?::[0-5]?[0-9]){2}")
_MONTHS = "january february march april may june july august september october november december"
_WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday"
_STEP = re.compile(r"[+-]?[0-9]{1,9}")


class _Field(NamedTuple):
    lowest: int
    highest: int
    names: tuple[str, ...] = ()

    def accepts(self, text: str) -> bool:
        return all(self._accepts_part(part) for part in text.split(","))

    def _accepts_part(self, part: str) -> bool:
        values, slash, step = part.partition("/")
        if slash and not _STEP.fullmatch(step):
            return False
        first, dash, last = values.partition("-")
        return values == "*" or (self._accepts_value(first) and (not dash or self._accepts_value(last)))

    def _accepts_value(self, text: str) -> bool:
        if re.fullmatch("[0-9]{1,9}", text):
            return self.lowest <= int(text) <= self.highest
        # NCRONTAB accepts any beginning of a name.
        return text != "" and any(name.startswith(text.lower()) for name in self.names)


_FIELDS = (
    _Field(0, 59),
    _Field(0, 59),
    _Field(0, 23),
    _Field(1, 31),
    _Field(1, 12, tuple(_MONTHS.split())),
    _Field(0, 6, tuple(_WEEKDAYS.split())),
)


def is_schedule(text: str) -> bool:
    """Tell whether `text` is an NCRONTAB expression of six fields, or a time span of more than zero."""
    # The host splits at blanks only: a tab does not separate fields.
    fields = [field for field in text.split(" ") if field]
    if len(fields) == len(_FIELDS):
        return all(field.accepts(part) for field, part in zip(_FIELDS, fields, strict=True))
    span = text.strip()
    return _TIME_SPAN.fullmatch(span) is not None and any(digit in span for digit in "123456789")
