"""The app's settings: what is taken, and how a faulty one is reported."""

from typing import Any

import pytest

from alert_refresh.settings import (
    ACCEPTED,
    InvalidSettings,
    Settings,
    find_public_url,
    has_schedule,
    is_loopback,
    purges_runs,
    read_settings,
    settings,
)

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
    callback_allowed_hosts=("*.logic.azure.com", "*.environment.api.powerplatform.com"),
)
EVERY: dict[str, str] = {
    "GRAPH_BASE_URL": " https://graph.microsoft.us/ ",
    "GRAPH_SCOPE": "api://graph/.default",
    "POLL_MIN_SECONDS": "1.5",
    "POLL_MAX_SECONDS": "90",
    "RUN_TIMEOUT_SECONDS": "86400",
    "REFRESH_ENABLED": "True",
    "INCIDENTS_LIMIT_BYTES": "1000000",
    "RUN_RETENTION_DAYS": "0.5",
    "CHANGES_CALLBACK_URL": " https://hooks.example.com/x?sig=s ",
    "CALLBACK_ALLOWED_HOSTS": "hooks.example.com",
    "REFRESH_SCHEDULE": "0 0 6 * * *",
}


def list_faults(environment: dict[str, str]) -> list[dict[str, str]]:
    with pytest.raises(InvalidSettings) as raised:
        read_settings(environment)
    assert all(error["field"] in str(raised.value) for error in raised.value.errors)
    return raised.value.errors


def list_fields(environment: dict[str, str]) -> list[str]:
    return [error["field"] for error in list_faults(environment)]


@pytest.mark.parametrize("blank", ["", " ", "\t"])
def test_what_is_unset_or_blank_takes_its_default(blank: str) -> None:
    assert read_settings({}) == read_settings(dict.fromkeys(EVERY, blank)) == DEFAULTS


def test_every_setting_is_taken() -> None:
    assert read_settings(EVERY) == Settings(
        "https://graph.microsoft.us",
        "api://graph/.default",
        poll_min_seconds=1.5,
        poll_max_seconds=90.0,
        run_timeout_seconds=86_400,
        refresh_enabled=True,
        incidents_limit_bytes=1_000_000,
        run_retention_days=0.5,
        changes_callback_url="https://hooks.example.com/x?sig=s",
        callback_allowed_hosts=("hooks.example.com",),
    )


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
    }
    assert set(list_fields(faults)) == {*faults, "POLL_MAX_SECONDS"} - {"POLL_MIN_SECONDS"}


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
        ("http://localhost:5000/", "http://localhost:5000"),
        ("http://127.8.9.1", "http://127.8.9.1"),
        ("http://[::1]:5000", "http://[::1]:5000"),
    ],
)
def test_a_base_url_has_one_spelling_and_a_scope(url: str, base: str) -> None:
    found = read_settings({"GRAPH_BASE_URL": url})
    assert (found.graph_base_url, found.graph_scope) == (base, f"{base}/.default")


@pytest.mark.parametrize(
    "url",
    [
        *("http://graph.microsoft.com", "http://localhost.example.com", "http://127.0.0.1.example.com"),
        *("http://[2001:db8::1]", "http://0.0.0.0", "ftp://localhost", "file:///etc/passwd", "graph.microsoft.com"),
        *("//graph.microsoft.com", "https://", "https:///beta", "https://graph.microsoft.com/beta"),
        *("https://graph.microsoft.com?", "https://graph.microsoft.com#x"),
        *("https://user:hunter2@graph.microsoft.com", "http://localhost@graph.microsoft.com"),
        *("https://graph.microsoft.us:", "https://graph.microsoft.com:0", "https://graph.microsoft.com:65536"),
        *("https://graph.microsoft.com:port", "https://[::1", "https://\xe9.example"),
        *("https://graph.microsoft.com\\evil", "https://a..b", "https://a."),
        "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",
        *("https://graph microsoft.com", "https://graph.micro\tsoft.com", "/"),
    ],
)
def test_a_base_url_that_cannot_work_is_reported_and_not_repeated(url: str) -> None:
    (fault,) = list_faults({"GRAPH_BASE_URL": url})
    assert fault["field"] == "GRAPH_BASE_URL"
    assert "https://<host>" in fault["detail"]
    assert "hunter2" not in str(fault)


NUMBERS = {
    "POLL_MIN_SECONDS": ("0.9", "3601"),
    "POLL_MAX_SECONDS": ("0.9", "3601"),
    "RUN_TIMEOUT_SECONDS": ("0.9", "86401"),
    "INCIDENTS_LIMIT_BYTES": ("-1", "1000001"),
    "RUN_RETENTION_DAYS": ("-0.1", "3651"),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_cannot_be_read_or_is_out_of_bounds_is_reported(name: str) -> None:
    for value in (*NUMBERS[name], "nan", "inf", "-inf", "seven", "5 s", "0x10", "1,5"):
        (fault,) = list_faults({name: value})
        assert fault["field"] == name
        assert fault["detail"].startswith("must be a number of ")
        assert value not in fault["detail"].split()


def test_the_longest_interval_is_not_under_the_shortest() -> None:
    assert list_faults({"POLL_MIN_SECONDS": "61"}) == [
        {"field": "POLL_MAX_SECONDS", "detail": "must not be less than POLL_MIN_SECONDS"}
    ]
    assert read_settings({"POLL_MIN_SECONDS": "60"}).poll_min_seconds == 60.0


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *((host, True) for host in ("localhost", "127.0.0.1", "127.255.255.254", "::1")),
        *((host, False) for host in ("0.0.0.0", "10.0.0.1", "localhost.", "localhost.example.com", "")),  # noqa: S104
    ],
)
def test_what_is_loopback(host: str, *, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("*.logic.azure.com", ("*.logic.azure.com",)),
        (" *.Logic.Azure.COM ,\thooks.example.com ", ("*.logic.azure.com", "hooks.example.com")),
        ("localhost,127.0.0.1,[::1]", ("localhost", "127.0.0.1", "[::1]")),
        ("1.example.com", ("1.example.com",)),
    ],
)
def test_hosts_that_may_be_called_back(text: str, hosts: tuple[str, ...]) -> None:
    assert read_settings({"CALLBACK_ALLOWED_HOSTS": text}).callback_allowed_hosts == hosts


@pytest.mark.parametrize(
    "entry",
    [
        *("*", "*.", "*.*", "*.com", "*.localhost", "com", "intranet", ""),
        *("logic.*.com", "*logic.azure.com", "*.*.azure.com", ".azure.com", "azure.com."),
        *("https://hooks.example.com", "hooks.example.com:443", "hooks.example.com/hunter2"),
        *("hunter2@hooks.example.com", "hooks.example.com?hunter2"),
        *("hooks.example.com hooks.example.org", "hooks.example.com;hooks.example.org"),
        *("hooks_1.example.com", "-hooks.example.com", "bücher.example", "xn--bcher-kva.example"),
        *("10.0.0.1", "127.0.0.2", "*.0.0.1", "0x7f.0.0.0x1", "::1", "[::]", "[fe80::1]"),
        *(f"{'a' * 64}.example.com", f"{'a.' * 130}com"),
    ],
)
def test_a_host_that_cannot_be_called_back_is_reported_by_its_place_and_not_repeated(entry: str) -> None:
    (fault,) = list_faults({"CALLBACK_ALLOWED_HOSTS": f"*.logic.azure.com,{entry}, {entry}"})
    assert fault["field"] == "CALLBACK_ALLOWED_HOSTS"
    assert fault["detail"].endswith("; to correct: entry 2, 3")
    assert "hunter2" not in fault["detail"]


@pytest.mark.parametrize(
    ("text", "enabled"), [("true", True), ("TRUE", True), ("1", True), ("false", False), ("0", False), (" ", False)]
)
def test_refreshing_is_off_unless_it_is_turned_on(text: str, *, enabled: bool) -> None:
    assert read_settings({"REFRESH_ENABLED": text}).refresh_enabled is enabled


@pytest.mark.parametrize("text", ["yes", "on", "2", "truee"])
def test_a_switch_that_is_neither_on_nor_off_is_reported(text: str) -> None:
    assert list_faults({"REFRESH_ENABLED": text}) == [{"field": "REFRESH_ENABLED", "detail": "must be true or false"}]


SCHEDULED = {"REFRESH_SCHEDULE": "0 0 6 * * *", "REFRESH_ENABLED": "true"}


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"REFRESH_ENABLED": ""}, ["needs REFRESH_ENABLED to be true"]),
        ({"REFRESH_SCHEDULE": "0 6 * * *"}, [ACCEPTED]),
        ({"REFRESH_SCHEDULE": "hourly", "REFRESH_ENABLED": "0"}, [ACCEPTED, "needs REFRESH_ENABLED to be true"]),
    ],
)
def test_a_schedule_that_cannot_work_is_reported(changes: Any, faults: list[str]) -> None:
    assert list_faults({**SCHEDULED, **changes}) == [
        {"field": "REFRESH_SCHEDULE", "detail": detail} for detail in faults
    ]


@pytest.mark.parametrize("url", ["https://evil.example/x?sig=s3cret", "http://x.logic.azure.com/?sig=s3cret", "s3cret"])
def test_a_url_for_changes_that_may_not_be_called_is_reported_and_not_repeated(url: str) -> None:
    (fault,) = list_faults({**SCHEDULED, "CHANGES_CALLBACK_URL": url})
    assert fault["field"] == "CHANGES_CALLBACK_URL"
    assert "s3cret" not in fault["detail"]


@pytest.mark.parametrize(
    ("schedule", "timer"), [("0 0 6 * * *", True), (" 06:00:00 ", True), ("hourly", False), ("0 0 24 * * *", False)]
)
def test_only_a_schedule_that_the_host_can_read_makes_a_timer(schedule: str, *, timer: bool) -> None:
    """One function that the host cannot load keeps it from all others."""
    assert has_schedule({"REFRESH_SCHEDULE": schedule}) is timer
    assert not has_schedule({})


@pytest.mark.parametrize("zero", ["0", "0.0", " 0 ", "00", "-0", "0e1"])
def test_no_spelling_of_zero_purges_anything(zero: str) -> None:
    assert read_settings({"RUN_RETENTION_DAYS": zero}).run_retention_days == 0
    assert not purges_runs({"RUN_RETENTION_DAYS": zero})


@pytest.mark.parametrize("days", ["", "30", "0.5", "never"])
def test_runs_are_purged_unless_they_are_kept_for_good(days: str) -> None:
    assert purges_runs({"RUN_RETENTION_DAYS": days})


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", None),
        ("  ", None),
        ("https://api.example.com", "https://api.example.com"),
        ("https://API.example.com:443/", "https://api.example.com"),
        (" https://api.example.com/Pim/v1/ ", "https://api.example.com/Pim/v1"),
        ("https://api.example.com:8443/pim", "https://api.example.com:8443/pim"),
        ("http://127.0.0.1:7071/api", "http://127.0.0.1:7071/api"),
    ],
)
def test_public_url(text: str, url: str | None) -> None:
    read_settings({"PUBLIC_URL": text})
    assert find_public_url({"PUBLIC_URL": text}) == url


@pytest.mark.parametrize(
    "text",
    [
        *("api.example.com", "//api.example.com", "ftp://api.example.com", "http://api.example.com", "https://"),
        *("https://user:s3cret@api.example.com", "https://api.example.com:0", "https://api..example.com"),
        *("https://api.example.com/?code=s3cret", "https://api.example.com/a#b", "https://api.example.com?x"),
        *("https://api.example.com/a//b", "https://api.example.com/../b", "https://api.example.com/a b", "/api"),
    ],
)
def test_a_public_url_that_is_refused_is_reported_and_not_used(text: str) -> None:
    with pytest.raises(InvalidSettings) as raised:
        read_settings({"PUBLIC_URL": text})
    assert [error["field"] for error in raised.value.errors] == ["PUBLIC_URL"]
    assert "s3cret" not in str(raised.value)
    assert find_public_url({"PUBLIC_URL": text}) is None


COMMERCIAL = ("*.logic.azure.com", "*.environment.api.powerplatform.com")


@pytest.mark.parametrize(
    ("environment", "hosts"),
    [
        ({}, COMMERCIAL),
        ({"GRAPH_BASE_URL": "https://graph.microsoft.us"}, (*COMMERCIAL, "*.logic.azure.us")),
        ({"GRAPH_BASE_URL": "https://DOD-graph.microsoft.us/"}, (*COMMERCIAL, "*.logic.azure.us")),
        ({"GRAPH_BASE_URL": "https://microsoftgraph.chinacloudapi.cn"}, (*COMMERCIAL, "*.logic.azure.cn")),
        (
            {"GRAPH_BASE_URL": "https://graph.microsoft.us", "CALLBACK_ALLOWED_HOSTS": "hooks.example.com"},
            ("hooks.example.com",),
        ),
    ],
)
def test_the_hosts_of_callbacks_follow_the_cloud(environment: dict[str, Any], hosts: tuple[str, ...]) -> None:
    assert read_settings(environment).callback_allowed_hosts == hosts
