"""Where things are in Graph, and where a token may go: every trick that a URL from outside can try."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from alert_refresh.graph.errors import UntrustedUrl
from alert_refresh.graph.urls import (
    ALERT_NAMES,
    ALERTS,
    OPERATIONS,
    check_next_link,
    find_alert_name,
    is_segment,
    make_alert_url,
    make_alerts_url,
    make_incidents_url,
    make_operation_url,
    make_refresh_url,
    parse_alert_url,
    parse_operation_url,
)
from tests.support.generated import quick
from tests.support.graph_samples import ALERT_ID, ALERT_URL, GRAPH, OPERATION_ID, OPERATION_URL

LOCAL = "http://127.0.0.1:8000"
UNDER = f"{GRAPH}{ALERTS}"
ALL = UNDER.rstrip("/")


def test_the_documented_urls() -> None:
    assert make_operation_url(GRAPH, OPERATION_ID) == OPERATION_URL
    assert parse_operation_url(GRAPH, OPERATION_URL) == OPERATION_ID
    assert parse_alert_url(GRAPH, ALERT_URL) == ALERT_ID
    assert make_refresh_url(GRAPH, ALERT_ID) == f"{ALERT_URL}/refresh"
    assert make_refresh_url(GRAPH, None) == f"{GRAPH}/beta/identityGovernance/roleManagementAlerts/alerts/refresh"
    assert make_incidents_url(GRAPH, ALERT_ID) == f"{ALERT_URL}/alertIncidents"


def test_a_short_name_is_found_in_any_letter_case() -> None:
    for name in ALERT_NAMES:
        assert {find_alert_name(text) for text in (name, name.lower(), name.upper())} == {name}
    assert [find_alert_name(text) for text in (ALERT_ID, "StaleSignIn", "")] == [None] * 3


@pytest.mark.parametrize(
    ("key", "segment"),
    [("a b", "a%20b"), ("%2e%2e", "%252e%252e"), ("a?b#c", "a%3Fb%23c"), ("ñ漢😀", "%C3%B1%E6%BC%A2%F0%9F%98%80")],
)
def test_an_id_is_quoted_except_for_its_colon(key: str, segment: str) -> None:
    assert make_operation_url(LOCAL, key) == f"{LOCAL}{OPERATIONS}{segment}"
    assert make_alert_url(LOCAL, key) == f"{LOCAL}{ALERTS}{segment}"


TRUSTED = {
    "as Graph prints it": (UNDER + "x", "x"),
    "a bare colon": (UNDER + "a:b", "a:b"),
    "a quoted colon": (UNDER + "a%3Ab", "a:b"),
    "quoted unicode": (UNDER + "%C3%B1", "ñ"),
    "quoted twice": (UNDER + "a%252Fb", "a%2Fb"),
    "a scheme in capitals": (UNDER.replace("https", "HTTPS") + "x", "x"),
    "a host in capitals": (UNDER.replace("graph.", "GRAPH.") + "x", "x"),
    "the default port": (f"{GRAPH}:443{ALERTS}x", "x"),
    "the path in other letters": (f"{GRAPH}{ALERTS.upper()}Ab", "Ab"),
    "a slash at the end": (UNDER + "x/", "x"),
    "a key in brackets": (f"{ALL}('a:b')", "a:b"),
    "a path": (f"{ALERTS}x", "x"),
    "a path without a version": (f"{ALERTS}x".removeprefix("/beta"), "x"),
    "a path with a key in brackets": (f"{ALERTS.rstrip('/')}('x')".removeprefix("/beta"), "x"),
}


@pytest.mark.parametrize(("url", "key"), TRUSTED.values(), ids=TRUSTED)
def test_every_spelling_of_an_alert_and_of_an_operation_is_read(url: str, key: str) -> None:
    assert parse_alert_url(GRAPH, url) == key
    operation = url.replace("/alerts", "/operations").replace("/ALERTS", "/OPERATIONS")
    assert parse_operation_url(GRAPH, operation) == key
    for other in (url, f"{operation}?x=1"):
        with pytest.raises(UntrustedUrl):
            parse_operation_url(GRAPH, other)


ALL_ALERTS = [
    *(ALL, f"{ALL}/", f"{ALL}?$filter=x", f"{ALL}/?$filter=x", f"{GRAPH}:443{ALERTS}", ALL.replace("al", "AL")),
    *(ALERTS, ALERTS.removeprefix("/beta/")),
]


@pytest.mark.parametrize("url", ALL_ALERTS)
def test_the_collection_of_all_alerts_is_recognised_and_names_no_operation(url: str) -> None:
    assert parse_alert_url(GRAPH, url) is None
    with pytest.raises(UntrustedUrl):
        parse_operation_url(GRAPH, url.replace("/alerts", "/operations"))


TRICKS = [
    *("", ALERT_ID, f"//graph.microsoft.com{ALERTS}x", UNDER.replace("https", "http") + "x"),
    *(f"https://graph.evil.example{ALERTS}x", f"https://graph.microsoft.com.evil.example{ALERTS}x"),
    *(f"https://evil.graph.microsoft.com{ALERTS}x", f"https://graph.microsoft.us{ALERTS}x"),
    *(f"https://graph.microsoft.com@evil.example{ALERTS}x", f"https://user@graph.microsoft.com{ALERTS}x"),
    *(f"https://graph.microsoft.com\\@evil.example{ALERTS}x", f"https://graph.microsoft.com:8443{ALERTS}x"),
    *(f"https://graph.microsoft.com:99999{ALERTS}x", f"https://graph.microsoft.com.{ALERTS}x"),
    f"https://\N{FULLWIDTH LATIN SMALL LETTER G}raph.microsoft.com{ALERTS}x",
    *(f"https://gr%61ph.microsoft.com{ALERTS}x", f"https://[::1{ALERTS}x", f"https://{ALERTS}x"),
    *(UNDER.replace("beta", "v1.0") + "x", UNDER.rstrip("/") + "Evil/x", f"{GRAPH}/{ALERTS}x"),
    *(UNDER + "x/alertIncidents", UNDER + "x/refresh", UNDER + "..", UNDER + "../../me", UNDER + "%2e%2e"),
    *(UNDER + "..%2fme", UNDER + "..%5cme", UNDER + "x?$expand=*", UNDER + "x%3F$expand=*", UNDER + "x#y"),
    *(UNDER + "x%00", UNDER + "x%0d%0aHost:%20evil", UNDER + "x%E2%80%AE"),
    *(ALERTS.replace("beta", "v1.0") + "x", f"/{ALERTS}x", UNDER.rstrip("/") + "('')"),
    *(UNDER.rstrip("/") + "('a%2Fb')", UNDER.rstrip("/") + "('a')/refresh", UNDER + "x//", UNDER + "a b"),
    *(UNDER + "x\n", UNDER + "%ff"),
]


@pytest.mark.parametrize("url", TRICKS)
def test_a_trick_is_not_trusted(url: str) -> None:
    with pytest.raises(UntrustedUrl):
        parse_alert_url(GRAPH, url)
    with pytest.raises(UntrustedUrl):
        parse_operation_url(GRAPH, url.replace("/alerts", "/operations"))


@quick
@given(st.text() | st.text(alphabet="/:.?#'()@\\[]%& aé").map(lambda text: ALL + text))
def test_whatever_is_trusted_is_one_segment(url: str) -> None:
    try:
        key = parse_alert_url(GRAPH, url)
    except UntrustedUrl:
        return
    assert key is None or (is_segment(key) and parse_alert_url(GRAPH, make_alert_url(GRAPH, key)) == key)


@pytest.mark.parametrize(
    ("select", "expand", "query"),
    [
        ([], [], ""),
        (["isActive"], [], "$select=isActive,id,incidentCount,lastScannedDateTime"),
        ([], ["alertDefinition", "alertIncidents"], "$expand=alertDefinition,alertIncidents"),
        (["id", "id"], ["a", "a"], "$select=id,incidentCount,lastScannedDateTime&$expand=a"),
    ],
)
def test_an_alert_always_comes_with_its_id_count_and_scan_time(
    select: list[str], expand: list[str], query: str
) -> None:
    assert make_alert_url(GRAPH, ALERT_ID, select, expand) == f"{ALERT_URL}?{query}".rstrip("?")
    every = make_alerts_url(GRAPH, select, expand)
    scope = "$filter=scopeId%20eq%20'/'%20and%20scopeType%20eq%20'DirectoryRole'"
    assert every == f"{ALL}?{scope}&{query}".rstrip("&")
    assert str(URL(every, encoded=True)) == every


INCIDENTS = make_incidents_url(GRAPH, ALERT_ID)
LISTS = {"alerts": make_alerts_url(GRAPH, ["id"], ["alertDefinition"]), "incidents": INCIDENTS}


@pytest.mark.parametrize("url", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize(
    "query", ["$skiptoken=2", "$filter=scopeId+eq+%27%2f%27&$skiptoken=X%274453707%27", "%24skiptoken=%F0%9F%98%80"]
)
def test_a_page_is_asked_for_by_the_very_query_that_graph_sent(url: str, query: str) -> None:
    page = f"{url.partition('?')[0]}?{query}"
    assert check_next_link(url, page) == page
    assert str(URL(page, encoded=True)) == page


ODD = make_incidents_url(GRAPH, "a b:c%")


@pytest.mark.parametrize(
    ("url", "link", "asked"),
    [
        (INCIDENTS, f"{ALL}('{ALERT_ID}')/alertIncidents?$skip=1", f"{INCIDENTS}?$skip=1"),
        (INCIDENTS, f"{INCIDENTS}?$skip=1".replace("roleManagement", "RoleManagement"), f"{INCIDENTS}?$skip=1"),
        (INCIDENTS, f"{INCIDENTS}?$skip=1".replace("graph.", "GRAPH."), f"{INCIDENTS}?$skip=1"),
        (INCIDENTS, f'{INCIDENTS}?q=é"<>`{{}}', f"{INCIDENTS}?q=%C3%A9%22%3C%3E%60%7B%7D"),
        (ODD, f"{GRAPH}{ALERTS}a%20b%3Ac%25/alertIncidents?$skip=1", f"{ODD}?$skip=1"),
    ],
)
def test_another_spelling_of_a_page_is_that_page(url: str, link: str, asked: str) -> None:
    assert check_next_link(url, link) == asked


NO_PAGES = [
    *TRICKS,
    *(UNDER + "x", f"{GRAPH}{ALERTS}other/alertIncidents?$skip=1", f"{GRAPH}{ALERTS}{ALERT_ID}?$skip=1"),
    *(f"{INCIDENTS}/1?$skip=1", INCIDENTS, f"{INCIDENTS}?$skip=1#x", "?$skip=1"),
    *(f"{ALERTS}{ALERT_ID}/alertIncidents?$skip=1", f"{INCIDENTS}?$skip= 1"),
    *(f"{INCIDENTS}?$skip=1\r\nHost: evil", f"{INCIDENTS}?$skip=1".replace(".com", ".com.evil.example")),
    f"{INCIDENTS}?$skip=1".replace("https://", "https://graph.microsoft.com@evil.example/"),
    *(f"{INCIDENTS}?$skip=1".replace("https", "http"), f"{INCIDENTS}?$skip=1".replace("beta", "v1.0")),
]


@pytest.mark.parametrize("link", NO_PAGES)
def test_a_link_to_anything_else_is_not_followed(link: str) -> None:
    with pytest.raises(UntrustedUrl):
        check_next_link(INCIDENTS, link)


@quick
@given(st.text() | st.text(alphabet="/:.?#'()@\\[]%& aé$").map(lambda text: INCIDENTS + text))
def test_no_link_leads_out_of_the_collection(link: str) -> None:
    try:
        url = URL(check_next_link(INCIDENTS, link), encoded=True)
    except UntrustedUrl:
        return
    assert str(url.with_query(None)) == INCIDENTS
    assert not url.fragment
