"""The app's settings, read from the environment. They are checked once, and all faults are reported together."""

import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from os import environ
from typing import Literal, NamedTuple

from alert_refresh.callback.urls import LARGEST_PORT, LOOPBACK_HOSTS, check_callback_url, is_allowed_host
from alert_refresh.problems import Refused, make_problem
from alert_refresh.schedules import ACCEPTED, is_schedule

LONGEST_RUN_SECONDS = 86_400
LARGEST_INCIDENTS = 1_000_000
"""Bytes. The answer that carries a run holds its input, its custom status and its result, and gRPC takes 4 MB."""

RETENTION = ("RUN_RETENTION_DAYS", "30", 0, 3650, "days")
SWITCH = {"true": True, "1": True, "false": False, "0": False}
DEFAULT_PORTS = {"https": 443, "http": 80}
_LABEL = "[a-z0-9-]{1,63}"
_ORIGIN = re.compile(rf"(https?)://({_LABEL}(?:\.{_LABEL})*|\[::1\])(?::([0-9]{{1,5}}))?/*", re.ASCII | re.IGNORECASE)

MOST_IDS = 1000
_GUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

LOGIC_APPS = "*.logic.azure.com,*.environment.api.powerplatform.com"
LOGIC_APPS_OF_CLOUDS = {".microsoft.us": ",*.logic.azure.us", ".chinacloudapi.cn": ",*.logic.azure.cn"}
"""Domain of Graph in another cloud → hosts to add. https://learn.microsoft.com/graph/deployments"""


class InvalidSettings(Refused):
    """At least one setting is wrong: `errors` has a `{field, detail}` for each. No value is repeated."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        text = "; ".join(f"{error['field']} {error['detail']}" for error in errors)
        detail = f"{text}. Correct the application setting. The app restarts by itself."
        super().__init__({**make_problem("invalid-settings", detail), "errors": errors})


class Settings(NamedTuple):
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
    changes_format: str
    changes_min_severity: str
    changes_ignore: tuple[str, ...]
    """Ids of people, groups and apps whose incidents are no news for the schedule, in lower case."""
    log_incident_people: bool
    callback_allowed_hosts: tuple[str, ...]
    """In lower case."""


@cache
def settings() -> Settings:
    """Return this process's settings. Raises `InvalidSettings`. App settings change only with a restart of the app."""
    return read_settings(environ)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings in `environment`; a blank one has its default, too. Raises `InvalidSettings`."""
    reader = _Reader(environment)
    base = _parse_origin(reader.text("GRAPH_BASE_URL", "https://graph.microsoft.com"))
    if base is None:
        detail = "must be https://<host> without a path, as https://graph.microsoft.us; http is taken for loopback only"
        reader.report("GRAPH_BASE_URL", detail)
    shortest = reader.number("POLL_MIN_SECONDS", "15", 1, 3600)
    longest = reader.number("POLL_MAX_SECONDS", "60", 1, 3600)
    if shortest > longest:
        reader.report("POLL_MAX_SECONDS", "must not be less than POLL_MIN_SECONDS")
    timeout = reader.number("RUN_TIMEOUT_SECONDS", "3600", 1, LONGEST_RUN_SECONDS)
    cloud = "".join(hosts for domain, hosts in LOGIC_APPS_OF_CLOUDS.items() if base and base.endswith(domain))
    hosts = reader.hosts("CALLBACK_ALLOWED_HOSTS", LOGIC_APPS + cloud)
    refresh_enabled = reader.switch("REFRESH_ENABLED", "false")
    if reader.text("REFRESH_SCHEDULE"):
        if not has_schedule(environment):
            reader.report("REFRESH_SCHEDULE", ACCEPTED)
        if not refresh_enabled:
            reader.report("REFRESH_SCHEDULE", "needs REFRESH_ENABLED to be true")
    changes_callback_url = reader.callback_url("CHANGES_CALLBACK_URL", hosts)
    changes_format = reader.choice("CHANGES_FORMAT", "json", "teams")
    changes_min_severity = reader.choice("CHANGES_MIN_SEVERITY", "low", "medium", "high", "informational")
    changes_ignore = reader.ids("CHANGES_IGNORE")
    log_incident_people = reader.switch("LOG_INCIDENT_PEOPLE", "false")
    incidents = reader.number("INCIDENTS_LIMIT_BYTES", "800000", 0, LARGEST_INCIDENTS, "bytes")
    retention = reader.number(*RETENTION)
    if reader.text("PUBLIC_URL") and not find_public_url(environment):
        detail = "must be https://<host> with an optional path, as https://api.example.com/pim; no query, no fragment"
        reader.report("PUBLIC_URL", detail)
    reader.choice("AUTH_MODE", "key", "entra")
    if find_caller_check(environment) == "missing":
        detail = (
            "is entra, but the authentication of App Service is off (WEBSITE_AUTH_ENABLED): turn it on, or use keys"
        )
        reader.report("AUTH_MODE", detail)
    if reader.errors or base is None:
        raise InvalidSettings(reader.errors)
    return Settings(
        graph_base_url=base,
        graph_scope=reader.text("GRAPH_SCOPE", f"{base}/.default"),
        poll_min_seconds=shortest,
        poll_max_seconds=longest,
        run_timeout_seconds=int(timeout),
        refresh_enabled=refresh_enabled,
        incidents_limit_bytes=int(incidents),
        run_retention_days=retention,
        changes_callback_url=changes_callback_url,
        changes_format=changes_format,
        changes_min_severity=changes_min_severity,
        changes_ignore=changes_ignore,
        log_incident_people=log_incident_people,
        callback_allowed_hosts=hosts,
    )


class _Reader:
    """Reads settings by name, and keeps in `errors` what is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.errors: list[dict[str, str]] = []

    def report(self, name: str, detail: str) -> None:
        self.errors.append({"field": name, "detail": detail})

    def text(self, name: str, default: str = "") -> str:
        return self._environment.get(name, "").strip() or default

    def number(self, name: str, default: str, low: float, high: float, unit: str = "seconds") -> float:
        try:
            value = float(self.text(name, default))
        except ValueError:
            value = math.nan
        if low <= value <= high:
            return value
        self.report(name, f"must be a number of {unit} from {low:g} to {high:g}")
        # Compares false with any other number: no second fault is reported for this one.
        return math.nan

    def switch(self, name: str, default: str) -> bool:
        value = SWITCH.get(self.text(name, default).lower())
        if value is None:
            self.report(name, "must be true or false")
        return bool(value)

    def choice(self, name: str, *words: str) -> str:
        """Return one of `words`, the first by default."""
        word = self.text(name, words[0]).lower()
        if word not in words:
            self.report(name, f"must be {', '.join(words[:-1])} or {words[-1]}")
        return word

    def ids(self, name: str) -> tuple[str, ...]:
        ids = tuple(sorted({text.strip().lower() for text in self.text(name).split(",")} - {""}))
        wrong = [each for each in ids if not _GUID.fullmatch(each)]
        if wrong or len(ids) > MOST_IDS:
            count = f"{len(wrong)} of {len(ids)} have another form" if wrong else f"there are {len(ids)}"
            form = (
                f"must be object ids, as 00000000-0000-0000-0000-000000000000, with commas between, {MOST_IDS} at most"
            )
            self.report(name, f"{form}; {count}")
        return ids

    def hosts(self, name: str, default: str) -> tuple[str, ...]:
        hosts = tuple(host.strip().lower() for host in self.text(name, default).split(","))
        wrong = [str(place) for place, host in enumerate(hosts, 1) if not is_allowed_host(host)]
        if wrong:
            form = "must be DNS names with commas between, each alone or behind *., as *.logic.azure.com"
            loopback = "of loopback localhost, 127.0.0.1 and [::1]"
            self.report(name, f"{form}; {loopback}; to correct: entry {', '.join(wrong)}")
        return hosts

    def callback_url(self, name: str, hosts: Sequence[str]) -> str | None:
        url = self.text(name)
        try:
            return check_callback_url(url, hosts) if url else None
        except ValueError as error:
            self.report(name, str(error))
            return None


def find_public_url(environment: Mapping[str, str]) -> str | None:
    """Return PUBLIC_URL; None when it is unset or not valid. No other setting matters: a fault there moves no link."""
    text = _Reader(environment).text("PUBLIC_URL")
    found = re.fullmatch(r"(https?://[^/]+)((?:/(?!\.\.?(?:/|$))[a-z0-9._~-]+)*)/?", text, re.IGNORECASE | re.ASCII)
    origin = found and _parse_origin(found[1])
    return origin + found[2] if origin and found else None


def find_caller_check(environment: Mapping[str, str]) -> Literal["key", "sign-in", "missing"]:
    """Return what stands before the HTTP functions: keys, or the sign-in of App Service; "missing" when it is off.

    App Service sets WEBSITE_AUTH_ENABLED. https://learn.microsoft.com/azure/app-service/reference-app-settings
    """
    reader = _Reader(environment)
    if reader.text("AUTH_MODE").lower() != "entra":
        return "key"
    return "sign-in" if SWITCH.get(reader.text("WEBSITE_AUTH_ENABLED").lower()) else "missing"


def has_schedule(environment: Mapping[str, str]) -> bool:
    """Tell whether REFRESH_SCHEDULE is an expression that the host takes."""
    return is_schedule(_Reader(environment).text("REFRESH_SCHEDULE"))


def purges_runs(environment: Mapping[str, str]) -> bool:
    """Tell whether the app purges ended runs: 0 days, as 0, 0.0 or -0, keeps them for ever."""
    # A wrong setting is NaN. Then there is a timer, and it reports that the setting is wrong.
    return _Reader(environment).number(*RETENTION) != 0


def _parse_origin(text: str) -> str | None:
    """Return the origin that `text` names, in lower case and without a default port; None when it is not a base URL."""
    found = _ORIGIN.fullmatch(text)
    if not found:
        return None
    scheme, host = found[1].lower(), found[2].lower()
    port = int(found[3] or DEFAULT_PORTS[scheme])
    if not 1 <= port <= LARGEST_PORT or (scheme == "http" and host not in LOOPBACK_HOSTS):
        return None
    return f"{scheme}://{host}" + (f":{port}" if port != DEFAULT_PORTS[scheme] else "")
