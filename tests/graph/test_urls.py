"""Where a token may go: every trick that a URL from outside can try."""

import pytest
from yarl import URL

from graph.errors import UntrustedUrl
from graph.urls import (
    ALERTS,
    OPERATIONS,
    alert_by_id_url,
    alert_url,
    alerts_url,
    incidents_url,
    operation_url,
    refresh_all_url,
    refresh_url,
    segment_under,
)
from tests.support.graph_samples import ALERT_ID, ALERT_URL, GRAPH, OPERATION_ID, OPERATION_URL

LOCAL = "http://127.0.0.1:8000"
UNDER = f"{GRAPH}{ALERTS}"


def test_the_documented_urls() -> None:
    assert operation_url(GRAPH, OPERATION_ID) == OPERATION_URL
    assert segment_under(GRAPH, OPERATIONS, OPERATION_URL) == OPERATION_ID
    assert segment_under(GRAPH, ALERTS, ALERT_URL) == ALERT_ID
    assert refresh_url(GRAPH, ALERT_ID) == f"{ALERT_URL}/refresh"
    assert refresh_all_url(GRAPH) == f"{GRAPH}/beta/identityGovernance/roleManagementAlerts/alerts/refresh"
    assert incidents_url(GRAPH, ALERT_ID) == f"{ALERT_URL}/alertIncidents"


@pytest.mark.parametrize(
    ("operation_id", "segment"),
    [
        ("refresh:DirectoryRole_x", "refresh:DirectoryRole_x"),
        ("5c5670d6-a2c0-a394-ef42-982954856de5", "5c5670d6-a2c0-a394-ef42-982954856de5"),
        ("a b", "a%20b"),
        ("100%", "100%25"),
        ("%2e%2e", "%252e%252e"),
        ("%2F", "%252F"),
        ("a/b", "a%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("a;b=c&d", "a%3Bb%3Dc%26d"),
        ("ñ漢😀", "%C3%B1%E6%BC%A2%F0%9F%98%80"),
    ],
)
def test_an_id_is_quoted_but_for_its_colon(operation_id: str, segment: str) -> None:
    assert operation_url(LOCAL, operation_id) == f"{LOCAL}{OPERATIONS}{segment}"
    assert alert_by_id_url(LOCAL, operation_id, [], []) == f"{LOCAL}{ALERTS}{segment}"
    assert refresh_url(LOCAL, operation_id) == f"{LOCAL}{ALERTS}{segment}/refresh"
    assert incidents_url(LOCAL, operation_id) == f"{LOCAL}{ALERTS}{segment}/alertIncidents"


TRUSTED = {
    "as Graph prints it": (UNDER + "x", "x"),
    "a bare colon": (UNDER + "a:b", "a:b"),
    "a quoted colon": (UNDER + "a%3Ab", "a:b"),
    "a quoted blank": (UNDER + "a%20b", "a b"),
    "a quoted letter": (UNDER + "%61", "a"),
    "quoted unicode": (UNDER + "%C3%B1", "ñ"),
    "a percent sign, quoted": (UNDER + "100%25", "100%"),
    "dots within": (UNDER + "a..b", "a..b"),
    "three dots": (UNDER + "...", "..."),
    "a scheme in capitals": (UNDER.replace("https", "HTTPS") + "x", "x"),
}


@pytest.mark.parametrize(("url", "segment"), TRUSTED.values(), ids=TRUSTED)
def test_a_url_under_graph_gives_its_segment(url: str, segment: str) -> None:
    assert segment_under(GRAPH, ALERTS, url) == segment


TRICKS = {
    "nothing": "",
    "no URL": "alert",
    "only the id": ALERT_ID,
    "only the path": ALERTS + "x",
    "no scheme": f"//graph.microsoft.com{ALERTS}x",
    "http": UNDER.replace("https", "http") + "x",
    "ftp": UNDER.replace("https", "ftp") + "x",
    "javascript": f"javascript:{UNDER}x",
    "another host": f"https://graph.evil.example{ALERTS}x",
    "a longer host": f"https://graph.microsoft.com.evil.example{ALERTS}x",
    "a shorter host": f"https://microsoft.com{ALERTS}x",
    "a prefixed host": f"https://evilgraph.microsoft.com{ALERTS}x",
    "a subdomain": f"https://evil.graph.microsoft.com{ALERTS}x",
    "another cloud": f"https://graph.microsoft.us{ALERTS}x",
    "the host as a user": f"https://graph.microsoft.com@evil.example{ALERTS}x",
    "the host as a user with a port": f"https://graph.microsoft.com:443@evil.example{ALERTS}x",
    "a user": f"https://user@graph.microsoft.com{ALERTS}x",
    "a user and a password": f"https://user:password@graph.microsoft.com{ALERTS}x",
    "an empty user": f"https://@graph.microsoft.com{ALERTS}x",
    "a backslash after the host": f"https://graph.microsoft.com\\@evil.example{ALERTS}x",
    "backslashes for slashes": f"https:\\\\graph.microsoft.com{ALERTS}x",
    "another port": f"https://graph.microsoft.com:8443{ALERTS}x",
    "the port of http": f"https://graph.microsoft.com:80{ALERTS}x",
    "a port out of range": f"https://graph.microsoft.com:99999{ALERTS}x",
    "a port in words": f"https://graph.microsoft.com:https{ALERTS}x",
    "a host with a final dot": f"https://graph.microsoft.com.{ALERTS}x",
    "a host in full-width letters": f"https://\N{FULLWIDTH LATIN SMALL LETTER G}raph.microsoft.com{ALERTS}x",
    "a host with a Cyrillic letter": f"https://gr\N{CYRILLIC SMALL LETTER A}ph.microsoft.com{ALERTS}x",
    "a host with an ideographic full stop": f"https://graph\N{IDEOGRAPHIC FULL STOP}microsoft.com{ALERTS}x",
    "a host with a quoted letter": f"https://gr%61ph.microsoft.com{ALERTS}x",
    "a host with a zero byte": f"https://graph.microsoft.com\0.evil.example{ALERTS}x",
    "a broken IPv6 host": f"https://[::1{ALERTS}x",
    "no host": f"https://{ALERTS}x",
    "v1.0": UNDER.replace("beta", "v1.0") + "x",
    "another collection": f"{GRAPH}{OPERATIONS}x",
    "another resource": f"{GRAPH}/beta/me/messages/x",
    "the collection": UNDER,
    "the collection without its slash": UNDER.rstrip("/"),
    "a longer collection": UNDER.rstrip("/") + "Evil/x",
    "two slashes before": f"{GRAPH}/{ALERTS}x",
    "two slashes within": UNDER + "/x",
    "a slash after": UNDER + "x/",
    "a segment too many": UNDER + "x/alertIncidents",
    "an action": UNDER + "x/refresh",
    "dots": UNDER + "..",
    "one dot": UNDER + ".",
    "dots up and away": UNDER + "../../me",
    "dots before the prefix": f"{GRAPH}/x/..{ALERTS}x",
    "quoted dots": UNDER + "%2e%2e",
    "quoted dots in capitals": UNDER + "%2E%2E",
    "half-quoted dots": UNDER + ".%2e",
    "one quoted dot": UNDER + "%2e",
    "a quoted slash": UNDER + "..%2fme",
    "a quoted slash in capitals": UNDER + "x%2Frefresh",
    "a quoted backslash": UNDER + "..%5cme",
    "a backslash": UNDER + "..\\me",
    "a query": UNDER + "x?$expand=*",
    "an empty query": UNDER + "x?",
    "a quoted query": UNDER + "x%3F$expand=*",
    "a fragment": UNDER + "x#y",
    "an empty fragment": UNDER + "x#",
    "a quoted fragment": UNDER + "x%23y",
    "a quoted zero byte": UNDER + "x%00",
    "a quoted newline": UNDER + "x%0d%0aHost:%20evil",
    "a quoted soft hyphen": UNDER + "x%C2%AD",
    "a quoted line separator": UNDER + "x%E2%80%A8",
    "a quoted override of direction": UNDER + "x%E2%80%AE",
    "the path in capitals": UNDER.replace("beta", "BETA") + "x",
}


@pytest.mark.parametrize("url", TRICKS.values(), ids=TRICKS)
def test_a_trick_is_not_trusted(url: str) -> None:
    with pytest.raises(UntrustedUrl):
        segment_under(GRAPH, ALERTS, url)
    with pytest.raises(UntrustedUrl):
        alert_url(GRAPH, url, [], [])


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1{ALERTS}x",
        f"http://127.0.0.1:8001{ALERTS}x",
        f"https://127.0.0.1:8000{ALERTS}x",
        f"http://localhost:8000{ALERTS}x",
        f"http://127.1:8000{ALERTS}x",
        f"http://0x7f.0.0.1:8000{ALERTS}x",
        f"http://2130706433:8000{ALERTS}x",
        f"http://[::ffff:127.0.0.1]:8000{ALERTS}x",
    ],
)
def test_another_spelling_of_a_loopback_host_is_another_host(url: str) -> None:
    assert segment_under(LOCAL, ALERTS, f"{LOCAL}{ALERTS}x") == "x"
    with pytest.raises(UntrustedUrl):
        segment_under(LOCAL, ALERTS, url)


@pytest.mark.parametrize(
    ("select", "expand", "query"),
    [
        ([], [], ""),
        (["id"], [], "?$select=id,lastScannedDateTime"),
        (["id", "lastScannedDateTime"], [], "?$select=id,lastScannedDateTime"),
        (["lastScannedDateTime"], [], "?$select=lastScannedDateTime"),
        ([], ["alertDefinition"], "?$expand=alertDefinition"),
        ([], ["alertDefinition", "alertIncidents"], "?$expand=alertDefinition,alertIncidents"),
        (["id", "id"], ["a", "a"], "?$select=id,lastScannedDateTime&$expand=a"),
    ],
)
def test_an_alert_is_asked_for_as_wanted_and_always_with_its_scan_time(
    select: list[str], expand: list[str], query: str
) -> None:
    assert alert_url(GRAPH, ALERT_URL, select, expand) == ALERT_URL + query
    assert alert_by_id_url(GRAPH, ALERT_ID, select, expand) == ALERT_URL + query


@pytest.mark.parametrize(
    ("select", "expand", "query"),
    [
        ([], [], ""),
        (["isActive"], [], "&$select=isActive,id,lastScannedDateTime"),
        (["id", "lastScannedDateTime"], [], "&$select=id,lastScannedDateTime"),
        ([], ["alertDefinition", "alertIncidents"], "&$expand=alertDefinition,alertIncidents"),
        (["id"], ["a", "a"], "&$select=id,lastScannedDateTime&$expand=a"),
    ],
)
def test_alerts_are_asked_for_in_their_scope_and_always_with_id_and_scan_time(
    select: list[str], expand: list[str], query: str
) -> None:
    url = alerts_url(GRAPH, select, expand)
    collection, _, asked = url.partition("?")
    assert collection == ALERT_URL.removesuffix(f"/{ALERT_ID}")
    assert asked == f"$filter=scopeId%20eq%20'/'%20and%20scopeType%20eq%20'DirectoryRole'{query}"
    assert URL(url, encoded=True).query["$filter"] == "scopeId eq '/' and scopeType eq 'DirectoryRole'"
    assert str(URL(url)) == str(URL(url, encoded=True)) == url


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        (f"{GRAPH}:443{ALERTS}x", f"{GRAPH}{ALERTS}x"),
        (f"{GRAPH}{ALERTS}x".replace("graph.", "GRAPH."), f"{GRAPH}{ALERTS}x"),
        (f"{GRAPH}{ALERTS}a%20b", f"{GRAPH}{ALERTS}a%20b"),
        (f"{GRAPH}{ALERTS}é", f"{GRAPH}{ALERTS}%C3%A9"),
    ],
)
def test_what_was_checked_is_what_is_asked(location: str, asked: str) -> None:
    assert alert_url(GRAPH, location, [], []) == asked


@pytest.mark.parametrize(
    "location",
    [
        f" {GRAPH}{ALERTS}x",
        f"{GRAPH}{ALERTS}x\n",
        "https://gra\tph.microsoft.com" + ALERTS + "x",
        f"{GRAPH}{ALERTS}a b",
        f"{GRAPH}{ALERTS}%ff",
    ],
)
def test_what_a_parser_would_tidy_up_is_not_trusted(location: str) -> None:
    with pytest.raises(UntrustedUrl):
        alert_url(GRAPH, location, [], [])
