"""The settings of the HTTP side: where links begin, and who may be called back."""

from typing import Any

import pytest

from alert_refresh.settings import InvalidSettings, find_public_url, read_settings


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
