"""The app's settings: what is taken, and how a faulty one is reported."""

from typing import Any

import pytest

from alert_refresh.schedules import ACCEPTED
from alert_refresh.settings import (
    InvalidSettings,
    Settings,
    find_public_url,
    purges_runs,
    read_settings,
    settings,
)

BREAK_GLASS = "6e0d3c58-41fb-4c29-b7a8-95d2e1f4c063"
HOOK = "https://hooks.example.com/x?sig=s"
COMMERCIAL = ("*.logic.azure.com", "*.environment.api.powerplatform.com")
UNGUARDED = (
    "AUTH_MODE",
    "is entra, but the authentication of App Service is off (WEBSITE_AUTH_ENABLED): turn it on, or use keys",
)
UNREADABLE, UNREFRESHED = (("REFRESH_SCHEDULE", detail) for detail in (ACCEPTED, "needs REFRESH_ENABLED to be true"))
DEFAULTS = Settings(
    "https://graph.microsoft.com",
    "https://graph.microsoft.com/.default",
    poll_min_seconds=15.0,
    poll_max_seconds=60.0,
    run_timeout_seconds=3600,
    refresh_enabled=False,
    incidents_limit_bytes=800_000,
    run_retention_days=30.0,
    changes_callback_url=None,
    changes_format="json",
    changes_min_severity="low",
    changes_ignore=(),
    log_incident_people=False,
    callback_allowed_hosts=COMMERCIAL,
)
EVERY: dict[str, tuple[str, str | None, Any]] = {
    "GRAPH_BASE_URL": (" https://graph.microsoft.us/ ", "graph_base_url", "https://graph.microsoft.us"),
    "GRAPH_SCOPE": ("api://graph/.default", "graph_scope", "api://graph/.default"),
    "POLL_MIN_SECONDS": ("1.5", "poll_min_seconds", 1.5),
    "POLL_MAX_SECONDS": ("90", "poll_max_seconds", 90.0),
    "RUN_TIMEOUT_SECONDS": ("86400", "run_timeout_seconds", 86_400),
    "REFRESH_ENABLED": ("True", "refresh_enabled", True),
    "INCIDENTS_LIMIT_BYTES": ("1000000", "incidents_limit_bytes", 1_000_000),
    "RUN_RETENTION_DAYS": ("0.5", "run_retention_days", 0.5),
    "CHANGES_CALLBACK_URL": (f" {HOOK} ", "changes_callback_url", HOOK),
    "CHANGES_FORMAT": ("Teams", "changes_format", "teams"),
    "CHANGES_MIN_SEVERITY": ("high", "changes_min_severity", "high"),
    "CHANGES_IGNORE": (f" {BREAK_GLASS.upper()}, ,{BREAK_GLASS}", "changes_ignore", (BREAK_GLASS,)),
    "LOG_INCIDENT_PEOPLE": ("true", "log_incident_people", True),
    "CALLBACK_ALLOWED_HOSTS": ("hooks.example.com", "callback_allowed_hosts", ("hooks.example.com",)),
    "REFRESH_SCHEDULE": ("0 0 6 * * *", None, None),
    "PUBLIC_URL": ("https://api.example.com/pim", None, None),
}
"""The text of each setting, the field that it comes to, and the field's value."""


def list_faults(environment: dict[str, str]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidSettings) as raised:
        read_settings(environment)
    faults = [(error["field"], error["detail"]) for error in raised.value.problem["errors"]]
    text = "; ".join(f"{name} {detail}" for name, detail in faults)
    assert str(raised.value) == f"{text}. Correct the application setting. The app restarts by itself."
    return faults


@pytest.mark.parametrize("blank", ["", " ", "\t"])
def test_what_is_unset_or_blank_takes_its_default(blank: str) -> None:
    assert read_settings({}) == read_settings(dict.fromkeys(EVERY, blank)) == DEFAULTS


def test_every_setting_is_taken() -> None:
    found = read_settings({name: text for name, (text, _, _) in EVERY.items()})
    assert found._asdict() == {field: value for _, field, value in EVERY.values() if field}


def test_all_faults_are_reported_together() -> None:
    faults = {
        "GRAPH_BASE_URL": "ftp://x",
        "POLL_MIN_SECONDS": "61",
        "RUN_TIMEOUT_SECONDS": "0",
        "CALLBACK_ALLOWED_HOSTS": "*",
        "REFRESH_ENABLED": "perhaps",
        "REFRESH_SCHEDULE": "hourly",
        "CHANGES_CALLBACK_URL": "http://x",
        "INCIDENTS_LIMIT_BYTES": "-1",
        "RUN_RETENTION_DAYS": "for ever",
        "PUBLIC_URL": "/api",
    }
    assert {name for name, _ in list_faults(faults)} == {*faults, "POLL_MAX_SECONDS"} - {"POLL_MIN_SECONDS"}


@pytest.mark.parametrize(
    ("environment", "faults"),
    [
        ({"POLL_MIN_SECONDS": "61"}, [("POLL_MAX_SECONDS", "must not be less than POLL_MIN_SECONDS")]),
        ({"REFRESH_SCHEDULE": "06:00:00"}, [UNREFRESHED]),
        ({"REFRESH_SCHEDULE": "0 6 * * *", "REFRESH_ENABLED": "true"}, [UNREADABLE]),
        ({"REFRESH_SCHEDULE": "hourly", "REFRESH_ENABLED": "0"}, [UNREADABLE, UNREFRESHED]),
        ({"AUTH_MODE": "entra"}, [UNGUARDED]),
        ({"AUTH_MODE": "Entra", "WEBSITE_AUTH_ENABLED": "False"}, [UNGUARDED]),
    ],
)
def test_settings_that_cannot_work_together_are_reported(
    environment: dict[str, str], faults: list[tuple[str, str]]
) -> None:
    assert list_faults(environment) == faults


def test_the_process_reads_its_environment_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLL_MAX_SECONDS", "77")
    settings.cache_clear()
    try:
        assert settings().poll_max_seconds == 77.0
        monkeypatch.setenv("POLL_MAX_SECONDS", "88")
        assert settings().poll_max_seconds == 77.0
    finally:
        settings.cache_clear()


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://graph.microsoft.com/", "https://graph.microsoft.com"),
        ("https://dod-graph.microsoft.us//", "https://dod-graph.microsoft.us"),
        ("HTTPS://Graph.Microsoft.US:443/", "https://graph.microsoft.us"),
        ("https://graph.example:8443", "https://graph.example:8443"),
        ("http://LOCALHOST:80", "http://localhost"),
        ("http://127.0.0.1:5000/", "http://127.0.0.1:5000"),
        ("http://[::1]:5000", "http://[::1]:5000"),
    ],
)
def test_a_base_url_has_one_spelling_and_a_scope(url: str, base: str) -> None:
    found = read_settings({"GRAPH_BASE_URL": url})
    assert (found.graph_base_url, found.graph_scope) == (base, f"{base}/.default")


NO_NUMBERS = ("nan", "inf", "-inf", "seven", "5 s", "0x10", "1,5")
REFUSED: dict[str, tuple[str, tuple[str, ...]]] = {
    "POLL_MIN_SECONDS": ("must be a number of seconds from 1 to 3600", ("0.9", "3601", *NO_NUMBERS)),
    "POLL_MAX_SECONDS": ("must be a number of seconds from 1 to 3600", ("0.9", "3601", *NO_NUMBERS)),
    "RUN_TIMEOUT_SECONDS": ("must be a number of seconds from 1 to 86400", ("0.9", "86401", *NO_NUMBERS)),
    "INCIDENTS_LIMIT_BYTES": ("must be a number of bytes from 0 to 1e+06", ("-1", "1000001", *NO_NUMBERS)),
    "RUN_RETENTION_DAYS": ("must be a number of days from 0 to 3650", ("-0.1", "3651", *NO_NUMBERS)),
    "REFRESH_ENABLED": ("must be true or false", ("yes", "on", "2", "truee")),
    "CHANGES_CALLBACK_URL": (
        "must",
        ("https://evil.example/x?hunter2", "http://x.logic.azure.com/?hunter2", "hunter2"),
    ),
    "GRAPH_BASE_URL": (
        "must be https://<host> without a path",
        (
            *("http://graph.microsoft.com", "http://localhost.example.com", "http://127.0.0.1.example.com"),
            *("http://[2001:db8::1]", "http://0.0.0.0", "ftp://localhost", "file:///etc/passwd", "graph.microsoft.com"),
            *("//graph.microsoft.com", "https://", "https:///beta", "https://graph.microsoft.com/beta"),
            *("https://graph.microsoft.com?", "https://graph.microsoft.com#x"),
            *("https://user:hunter2@graph.microsoft.com", "http://localhost@graph.microsoft.com"),
            *("https://graph.microsoft.us:", "https://graph.microsoft.com:0", "https://graph.microsoft.com:65536"),
            *("https://graph.microsoft.com:port", "https://[::1", "https://\xe9.example", "https://\u212a.example"),
            *("https://graph.microsoft.com\\evil", "https://a..b", "https://a.", f"https://{'a' * 64}.example"),
            *("https://graph microsoft.com", "https://graph.micro\tsoft.com", "/"),
        ),
    ),
    "CALLBACK_ALLOWED_HOSTS": (
        "must be DNS names with commas between",
        (
            *("*", "com", "hooks.example.com:443", "hooks.example.com/hunter2", "hunter2@hooks.example.com"),
            *("hooks.example.com hooks.example.org", "hooks.example.com;hooks.example.org", "::1"),
        ),
    ),
    "LOG_INCIDENT_PEOPLE": ("must be true or false", ("yes", "hunter2")),
    "CHANGES_FORMAT": ("must be json or teams", ("card", "hunter2")),
    "CHANGES_MIN_SEVERITY": ("must be low, medium, high or informational", ("unknown", "severe", "1")),
    "CHANGES_IGNORE": (
        "must be object ids, as 00000000-0000-0000-0000-000000000000, with commas between, 1000 at most; ",
        ("hunter2@contoso.com", f"{BREAK_GLASS};{BREAK_GLASS}", f"{{{BREAK_GLASS}}}"),
    ),
    "AUTH_MODE": ("must be key or entra", ("keys", "hunter2", "entra id", "true")),
    "PUBLIC_URL": (
        "must be https://<host> with an optional path",
        (
            *("api.example.com", "//api.example.com", "ftp://api.example.com", "http://api.example.com", "https://"),
            *("https://user:hunter2@api.example.com", "https://api.example.com:0", "https://api..example.com"),
            *("https://api.example.com/?code=hunter2", "https://api.example.com/a#b", "https://api.example.com?x"),
            *("https://api.example.com/a//b", "https://api.example.com/../b", "https://api.example.com/a b", "/api"),
        ),
    ),
}


@pytest.mark.parametrize(
    ("name", "detail", "value"),
    [(name, detail, value) for name, (detail, values) in REFUSED.items() for value in values],
)
def test_a_value_that_cannot_work_is_reported_and_not_repeated(name: str, detail: str, value: str) -> None:
    ((field, reported),) = list_faults({name: value})
    assert field == name
    assert reported.startswith(detail)
    assert value not in reported.split()
    assert "hunter2" not in reported


def test_a_thousand_people_can_be_ignored_and_no_more() -> None:
    people = [f"{number:08x}-41fb-4c29-b7a8-95d2e1f4c063" for number in range(1001)]
    assert read_settings({"CHANGES_IGNORE": ",".join(people[:1000])}).changes_ignore == tuple(people[:1000])
    [(_, detail)] = list_faults({"CHANGES_IGNORE": ",".join(people)})
    assert detail.endswith("1000 at most; there are 1001")
    [(_, detail)] = list_faults({"CHANGES_IGNORE": f"{people[0]},Adele,Megan"})
    assert detail.endswith("; 2 of 3 have another form")


def test_hosts_that_cannot_be_called_back_are_reported_by_their_places() -> None:
    ((_, detail),) = list_faults({"CALLBACK_ALLOWED_HOSTS": "*.logic.azure.com,, hooks.example.com, *"})
    assert detail.endswith("; to correct: entry 2, 4")


@pytest.mark.parametrize(
    ("base", "text", "hosts"),
    [
        ("", "", COMMERCIAL),
        ("https://graph.microsoft.us", "", (*COMMERCIAL, "*.logic.azure.us")),
        ("https://DOD-graph.microsoft.us/", "", (*COMMERCIAL, "*.logic.azure.us")),
        ("https://microsoftgraph.chinacloudapi.cn", "", (*COMMERCIAL, "*.logic.azure.cn")),
        ("https://graph.microsoft.us", "hooks.example.com", ("hooks.example.com",)),
        ("", " *.Logic.Azure.COM ,\thooks.example.com ", ("*.logic.azure.com", "hooks.example.com")),
        ("", "localhost,127.0.0.1,[::1],1.example.com", ("localhost", "127.0.0.1", "[::1]", "1.example.com")),
    ],
)
def test_the_hosts_of_callbacks_are_those_of_the_cloud_or_of_the_setting(
    base: str, text: str, hosts: tuple[str, ...]
) -> None:
    assert read_settings({"GRAPH_BASE_URL": base, "CALLBACK_ALLOWED_HOSTS": text}).callback_allowed_hosts == hosts


@pytest.mark.parametrize(
    ("text", "enabled"), [("true", True), ("TRUE", True), ("1", True), ("false", False), ("0", False), (" ", False)]
)
def test_refreshing_is_off_unless_it_is_turned_on(text: str, *, enabled: bool) -> None:
    assert read_settings({"REFRESH_ENABLED": text}).refresh_enabled is enabled


def test_no_spelling_of_zero_purges_anything_and_all_else_does() -> None:
    for zero in ("0", "0.0", " 0 ", "00", "-0", "0e1"):
        assert read_settings({"RUN_RETENTION_DAYS": zero}).run_retention_days == 0
        assert not purges_runs({"RUN_RETENTION_DAYS": zero})
    for days in ("", "30", "0.5", "never"):
        assert purges_runs({"RUN_RETENTION_DAYS": days})


@pytest.mark.parametrize(
    ("text", "url"),
    [
        *((text, None) for text in ("", "  ", *REFUSED["PUBLIC_URL"][1])),
        ("https://api.example.com", "https://api.example.com"),
        ("https://API.example.com:443/", "https://api.example.com"),
        (" https://api.example.com/Pim/v1/ ", "https://api.example.com/Pim/v1"),
        ("https://api.example.com:8443/pim", "https://api.example.com:8443/pim"),
        ("http://127.0.0.1:7071/api", "http://127.0.0.1:7071/api"),
    ],
)
def test_a_public_url_that_is_refused_is_not_used(text: str, url: str | None) -> None:
    assert find_public_url({"PUBLIC_URL": text}) == url
