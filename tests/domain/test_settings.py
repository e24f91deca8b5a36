"""The app's settings: what is taken, and how a faulty one is named."""

import pytest

from domain.ncrontab import ACCEPTED
from domain.payload_storage import PayloadStorage, payload_storage
from domain.settings import InvalidSettings, Settings, is_loopback, is_purging, is_scheduled, read_settings, settings

LOGIC_APPS = ("*.logic.azure.com",)
DEFAULTS = Settings(
    "https://graph.microsoft.com",
    "https://graph.microsoft.com/.default",
    5.0,
    60.0,
    3600,
    poll_learning=True,
    refresh_enabled=False,
    incidents_limit_bytes=49_152,
    run_retention_days=30.0,
    changes_callback_url=None,
    callback_allowed_hosts=LOGIC_APPS,
)


@pytest.mark.parametrize("blank", ["", " ", "\t"])
def test_what_is_unset_or_blank_takes_its_default(blank: str) -> None:
    names = (
        "GRAPH_BASE_URL",
        "GRAPH_SCOPE",
        "POLL_MIN_SECONDS",
        "POLL_MAX_SECONDS",
        "RUN_TIMEOUT_SECONDS",
        "POLL_LEARNING",
        "REFRESH_ENABLED",
        "INCIDENTS_LIMIT_BYTES",
        "CHANGES_CALLBACK_URL",
        "REFRESH_SCHEDULE",
        "LARGE_PAYLOADS",
        "RUN_RETENTION_DAYS",
    )
    assert read_settings({}) == DEFAULTS
    assert read_settings(dict.fromkeys((*names, "CALLBACK_ALLOWED_HOSTS"), blank)) == DEFAULTS


def test_every_setting_is_taken() -> None:
    assert read_settings(
        {
            "GRAPH_BASE_URL": " https://graph.microsoft.us/ ",
            "GRAPH_SCOPE": "api://graph/.default",
            "POLL_MIN_SECONDS": "0.5",
            "POLL_MAX_SECONDS": "90",
            "RUN_TIMEOUT_SECONDS": "86400",
            "POLL_LEARNING": "False",
            "REFRESH_ENABLED": "True",
            "INCIDENTS_LIMIT_BYTES": "1000000",
            "RUN_RETENTION_DAYS": "0.5",
            "CHANGES_CALLBACK_URL": " https://hooks.example.com/x?sig=s ",
            "CALLBACK_ALLOWED_HOSTS": "hooks.example.com",
        }
    ) == Settings(
        "https://graph.microsoft.us",
        "api://graph/.default",
        0.5,
        90.0,
        86_400,
        poll_learning=False,
        refresh_enabled=True,
        incidents_limit_bytes=1_000_000,
        run_retention_days=0.5,
        changes_callback_url="https://hooks.example.com/x?sig=s",
        callback_allowed_hosts=("hooks.example.com",),
    )


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://graph.microsoft.com/", "https://graph.microsoft.com"),
        ("https://dod-graph.microsoft.us//", "https://dod-graph.microsoft.us"),
        ("https://graph.example:8443", "https://graph.example:8443"),
        ("http://localhost:5000/", "http://localhost:5000"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("http://127.8.9.1", "http://127.8.9.1"),
        ("http://[::1]:5000", "http://[::1]:5000"),
    ],
)
def test_a_base_url_and_its_scope(url: str, base: str) -> None:
    chosen = read_settings({"GRAPH_BASE_URL": url})
    assert (chosen.graph_base_url, chosen.graph_scope) == (base, f"{base}/.default")


@pytest.mark.parametrize(
    "url",
    [
        "http://graph.microsoft.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://[2001:db8::1]",
        "http://0.0.0.0",
        "ftp://localhost",
        "graph.microsoft.com",
        "//graph.microsoft.com",
        "https://",
        "https:///beta",
        "https://graph.microsoft.com/beta",
        "https://graph.microsoft.com?x=1",
        "https://graph.microsoft.com#x",
        "https://user:hunter2@graph.microsoft.com",
        "https://@graph.microsoft.com",
        "http://localhost@graph.microsoft.com",
        "https://graph.microsoft.com:0",
        "https://graph.microsoft.com:65536",
        "https://graph.microsoft.com:port",
        "https://[::1",
        "/",
        "file:///etc/passwd",
    ],
)
def test_a_bad_base_url_is_named_and_not_repeated(url: str) -> None:
    with pytest.raises(InvalidSettings) as raised:
        read_settings({"GRAPH_BASE_URL": url})
    (error,) = raised.value.errors
    assert error["field"] == "GRAPH_BASE_URL"
    assert "https://<host>" in error["detail"]
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("name", ["POLL_MAX_SECONDS", "RUN_TIMEOUT_SECONDS", "POLL_MIN_SECONDS"])
@pytest.mark.parametrize("value", ["0", "-1", "nan", "-inf", "seven", "5 s", "0x10", "1,5", "5;"])
def test_a_bad_number_is_named_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings) as raised:
        read_settings({"POLL_MIN_SECONDS": "0.1", name: value})
    named = [error for error in raised.value.errors if error["detail"].startswith("must be a number of seconds from")]
    assert [error["field"] for error in named] == [name]
    assert value not in named[0]["detail"].split()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POLL_MAX_SECONDS", "3601"),
        ("POLL_MAX_SECONDS", "inf"),
        ("RUN_TIMEOUT_SECONDS", "86401"),
        ("RUN_TIMEOUT_SECONDS", "inf"),
    ],
)
def test_a_number_over_its_bound_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings) as raised:
        read_settings({name: value})
    assert [error["field"] for error in raised.value.errors] == [name]


def test_the_longest_poll_is_not_under_the_shortest() -> None:
    with pytest.raises(InvalidSettings, match="POLL_MAX_SECONDS must not be less than POLL_MIN_SECONDS"):
        read_settings({"POLL_MIN_SECONDS": "61"})
    assert read_settings({"POLL_MIN_SECONDS": "60"}).poll_min_seconds == 60.0


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InvalidSettings) as raised:
        read_settings(
            {
                "GRAPH_BASE_URL": "ftp://x",
                "POLL_MIN_SECONDS": "a",
                "RUN_TIMEOUT_SECONDS": "0",
                "CALLBACK_ALLOWED_HOSTS": "*",
            }
        )
    fields = [error["field"] for error in raised.value.errors]
    assert fields == ["GRAPH_BASE_URL", "POLL_MIN_SECONDS", "RUN_TIMEOUT_SECONDS", "CALLBACK_ALLOWED_HOSTS"]
    assert all(field in str(raised.value) for field in fields)


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
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.255.255.254", True),
        ("::1", True),
        ("0.0.0.0", False),  # noqa: S104 - nothing listens there
        ("10.0.0.1", False),
        ("localhost.", False),
        ("localhost.example.com", False),
        ("", False),
    ],
)
def test_what_is_loopback(host: str, *, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://Graph.Microsoft.US", "https://graph.microsoft.us"),
        ("HTTPS://graph.microsoft.us", "https://graph.microsoft.us"),
        ("https://graph.microsoft.us:443/", "https://graph.microsoft.us"),
        ("https://graph.example:8443", "https://graph.example:8443"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://LOCALHOST:80", "http://localhost"),
    ],
)
def test_a_base_url_has_one_spelling(given: str, base: str) -> None:
    assert read_settings({"GRAPH_BASE_URL": given}).graph_base_url == base


@pytest.mark.parametrize(
    "given",
    [
        "https://graph.microsoft.us:",
        "https://é.example",
        "https://graph.microsoft.com?",
        "https://graph.microsoft.com#",
        "https://graph.microsoft.com\\evil",
        "https://a..b",
        "https://a.",
        f"https://{'a' * 64}.example",
        "https://graph microsoft.com",
        "https://graph.micro\tsoft.com",
    ],
)
def test_a_base_url_that_cannot_work_is_named(given: str) -> None:
    with pytest.raises(InvalidSettings, match="GRAPH_BASE_URL"):
        read_settings({"GRAPH_BASE_URL": given})


def test_one_bad_bound_does_not_blame_the_other() -> None:
    with pytest.raises(InvalidSettings) as raised:
        read_settings({"POLL_MIN_SECONDS": "3601"})
    assert [error["field"] for error in raised.value.errors] == ["POLL_MIN_SECONDS"]


@pytest.mark.parametrize(
    ("given", "hosts"),
    [
        ("*.logic.azure.com", ("*.logic.azure.com",)),
        (" *.Logic.Azure.COM ,\thooks.example.com ", ("*.logic.azure.com", "hooks.example.com")),
        ("localhost,127.0.0.1,[::1]", ("localhost", "127.0.0.1", "[::1]")),
        ("contoso.azurewebsites.net", ("contoso.azurewebsites.net",)),
        ("*.environment.api.powerplatform.com", ("*.environment.api.powerplatform.com",)),
        ("1.example.com", ("1.example.com",)),
    ],
)
def test_hosts_that_may_be_called_back(given: str, hosts: tuple[str, ...]) -> None:
    assert read_settings({"CALLBACK_ALLOWED_HOSTS": given}).callback_allowed_hosts == hosts


@pytest.mark.parametrize(
    "entry",
    [
        "*",
        "*.",
        "*.*",
        "*.com",
        "*.localhost",
        "com",
        "intranet",
        "logic.*.com",
        "*logic.azure.com",
        "*.*.azure.com",
        ".azure.com",
        "azure.com.",
        "https://hooks.example.com",
        "hooks.example.com:443",
        "hooks.example.com/hunter2",
        "hooks.example.com?hunter2",
        "hunter2@hooks.example.com",
        "hooks.example.com hooks.example.org",
        "hooks.example.com;hooks.example.org",
        "hooks_1.example.com",
        "-hooks.example.com",
        "bücher.example",
        "xn--bcher-kva.example",
        "10.0.0.1",
        "127.0.0.2",
        "*.0.0.1",
        "0x7f.0.0.0x1",
        "::1",
        "[::]",
        "[fe80::1]",
        f"{'a' * 64}.example.com",
        f"{'a.' * 130}com",
        "",
    ],
)
def test_a_host_that_cannot_be_called_back_is_named_by_its_place_and_not_repeated(entry: str) -> None:
    with pytest.raises(InvalidSettings) as raised:
        read_settings({"CALLBACK_ALLOWED_HOSTS": f"*.logic.azure.com,{entry}, {entry}"})
    (error,) = raised.value.errors
    assert error == {
        "field": "CALLBACK_ALLOWED_HOSTS",
        "detail": "must be DNS names with commas between, each alone or behind *., as *.logic.azure.com; "
        "of loopback localhost, 127.0.0.1 and [::1]; to correct: entry 2, 3",
    }


@pytest.mark.parametrize(
    ("text", "enabled"), [("true", True), ("TRUE", True), ("1", True), ("false", False), ("0", False), (" ", False)]
)
def test_refreshing_is_off_unless_it_is_turned_on(text: str, *, enabled: bool) -> None:
    assert read_settings({"REFRESH_ENABLED": text}).refresh_enabled is enabled


@pytest.mark.parametrize(("text", "learning"), [("true", True), ("false", False), ("0", False), (" ", True)])
def test_runs_learn_unless_that_is_turned_off(text: str, *, learning: bool) -> None:
    assert read_settings({"POLL_LEARNING": text}).poll_learning is learning


@pytest.mark.parametrize("name", ["REFRESH_ENABLED", "POLL_LEARNING"])
@pytest.mark.parametrize("text", ["yes", "on", "2", "truee", "enabled"])
def test_a_switch_that_is_neither_is_named(name: str, text: str) -> None:
    with pytest.raises(InvalidSettings) as raised:
        read_settings({name: text})
    assert raised.value.errors == [{"field": name, "detail": "must be true or false"}]


def test_a_schedule_needs_what_it_does_to_be_allowed() -> None:
    with pytest.raises(InvalidSettings) as raised:
        read_settings({"REFRESH_SCHEDULE": "0 0 6 * * *", "CHANGES_CALLBACK_URL": "https://evil.example/x?sig=s3cret"})
    assert [error["field"] for error in raised.value.errors] == ["REFRESH_SCHEDULE", "CHANGES_CALLBACK_URL"]
    assert "s3cret" not in str(raised.value)
    assert read_settings({"REFRESH_SCHEDULE": "0 0 6 * * *", "REFRESH_ENABLED": "true"}).refresh_enabled


@pytest.mark.parametrize("schedule", ["hourly", "0 6 * * *", "0 0 24 * * *", "00:00:00"])
def test_a_schedule_that_the_host_cannot_read_is_named_and_makes_no_timer(schedule: str) -> None:
    environment = {"REFRESH_SCHEDULE": schedule, "REFRESH_ENABLED": "true"}
    with pytest.raises(InvalidSettings) as raised:
        read_settings(environment)
    assert raised.value.errors == [{"field": "REFRESH_SCHEDULE", "detail": ACCEPTED}]
    assert not is_scheduled(environment), "one function that the host cannot load keeps it from all others"


@pytest.mark.parametrize("schedule", ["0 0 6 * * *", " 0 0 6 * * * ", "06:00:00"])
def test_a_schedule_makes_a_timer(schedule: str) -> None:
    assert is_scheduled({"REFRESH_SCHEDULE": schedule})


def test_every_fault_of_a_schedule_is_told_at_once() -> None:
    with pytest.raises(InvalidSettings) as raised:
        read_settings({"REFRESH_SCHEDULE": "hourly"})
    assert [error["field"] for error in raised.value.errors] == ["REFRESH_SCHEDULE"] * 2


@pytest.mark.parametrize(
    ("storage", "found"),
    [
        ({"AzureWebJobsStorage": "UseDevelopmentStorage=true"}, PayloadStorage("UseDevelopmentStorage=true")),
        ({"AzureWebJobsStorage__accountName": "abc"}, PayloadStorage(account_url="https://abc.blob.core.windows.net")),
        (
            {"AzureWebJobsStorage__blobServiceUri": "https://abc.blob.example", "AzureWebJobsStorage__clientId": "id"},
            PayloadStorage(account_url="https://abc.blob.example", client_id="id"),
        ),
    ],
)
def test_large_payloads_go_where_the_host_keeps_its_own(storage: dict[str, str], found: PayloadStorage) -> None:
    assert payload_storage({"LARGE_PAYLOADS": "true", **storage}) == found
    assert read_settings({"LARGE_PAYLOADS": "true", **storage}).incidents_limit_bytes == 8 * 2**20
    assert payload_storage(storage) is None, "unless they are asked for"
    assert read_settings(storage) == DEFAULTS


def test_large_payloads_without_a_storage_are_a_fault_and_no_store() -> None:
    assert payload_storage({"LARGE_PAYLOADS": "true"}) is None
    with pytest.raises(InvalidSettings, match="LARGE_PAYLOADS needs the host's storage: AzureWebJobsStorage"):
        read_settings({"LARGE_PAYLOADS": "true"})


def test_a_connection_string_is_not_shown() -> None:
    assert "secret" not in repr(PayloadStorage("AccountKey=secret"))


@pytest.mark.parametrize("zero", ["0", "0.0", " 0 ", "00", "-0", "0e1"])
def test_no_spelling_of_zero_purges_anything(zero: str) -> None:
    assert read_settings({"RUN_RETENTION_DAYS": zero}).run_retention_days == 0
    assert not is_purging({"RUN_RETENTION_DAYS": zero})


@pytest.mark.parametrize("days", ["", "30", "0.5", "never"])
def test_runs_are_purged_unless_they_are_kept_for_good(days: str) -> None:
    assert is_purging({"RUN_RETENTION_DAYS": days})
