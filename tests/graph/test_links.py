"""Where Graph's answers lead, in every spelling they may have, and where no token may follow them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from graph.errors import UntrustedUrl
from graph.links import is_alerts_collection, next_link, operation_id_in
from graph.urls import (
    ALERTS,
    OPERATIONS,
    alerts_url,
    incidents_url,
    operation_url,
    refresh_all_url,
    refresh_url,
    segment_under,
)
from tests.domain.generated import quick
from tests.graph.test_urls import TRICKS
from tests.support.graph_samples import ALERT_ID, GRAPH, OPERATION_ID, OPERATION_URL

ONE = refresh_url(GRAPH, ALERT_ID)
GUID = "5c5670d6-a2c0-a394-ef42-882954856de5"
OPERATION_LOCATIONS = {
    "as documented": (OPERATION_URL, OPERATION_ID),
    "with a GUID": (f"{GRAPH}{OPERATIONS}{GUID}", GUID),
    "with a quoted colon": (f"{GRAPH}{OPERATIONS}refresh%3Ax", "refresh:x"),
    "with the default port": (f"{GRAPH}:443{OPERATIONS}{GUID}", GUID),
    "a path": (f"{OPERATIONS}{OPERATION_ID}", OPERATION_ID),
    "a path without a version": (f"{OPERATIONS}{OPERATION_ID}".removeprefix("/beta"), OPERATION_ID),
    "a path from where the action is": (f"../../operations/{OPERATION_ID}", OPERATION_ID),
    "without a scheme": (OPERATION_URL.removeprefix("https:"), OPERATION_ID),
    "a key in brackets": (f"{GRAPH}{OPERATIONS.rstrip('/')}('{OPERATION_ID}')", OPERATION_ID),
    "a path with a key in brackets": (f"{OPERATIONS.rstrip('/')}('{GUID}')".removeprefix("/beta"), GUID),
}


@pytest.mark.parametrize(("location", "operation_id"), OPERATION_LOCATIONS.values(), ids=OPERATION_LOCATIONS)
def test_an_operation_is_found_at_its_location(location: str, operation_id: str) -> None:
    assert operation_id_in(GRAPH, ONE, location) == operation_id


def test_the_location_of_a_refresh_of_all_is_read_from_where_that_is() -> None:
    assert operation_id_in(GRAPH, refresh_all_url(GRAPH), f"../operations/{GUID}") == GUID


ELSEWHERE = {
    "a bare id": OPERATION_ID,
    "a bare GUID": GUID,
    "an id beside the action": f"operations/{OPERATION_ID}",
    "the action": ONE,
    "an alert": f"{GRAPH}{ALERTS}{ALERT_ID}",
    "v1.0": OPERATION_URL.replace("beta", "v1.0"),
    "v1.0 as a path": f"{OPERATIONS}x".replace("beta", "v1.0"),
    "another host without a scheme": f"//evil.example{OPERATIONS}x",
    "another host by backslashes": f"\\\\evil.example{OPERATIONS}x",
    "a broken host": f"//[::1{OPERATIONS}x",
    "two slashes": f"/{OPERATIONS}x",
    "the collection": OPERATIONS,
    "no key in the brackets": f"{OPERATIONS.rstrip('/')}('')",
    "a slash in the brackets": f"{OPERATIONS.rstrip('/')}('a/b')",
    "dots in the brackets": f"{OPERATIONS.rstrip('/')}('..')",
    "something after the brackets": f"{OPERATIONS.rstrip('/')}('a')/cancel",
    "a line break": f"{OPERATIONS}\nx",
    "half a character": f"{OPERATIONS}\udcff",
    "data": "data:text/plain,x",
}


@pytest.mark.parametrize("location", ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_is_no_operation_is_not_waited_for(location: str) -> None:
    with pytest.raises(UntrustedUrl):
        operation_id_in(GRAPH, ONE, location)


def test_a_missing_location_is_called_so() -> None:
    with pytest.raises(UntrustedUrl, match="no Location"):
        operation_id_in(GRAPH, ONE, "")


@quick
@given(st.text() | st.text(alphabet="/:.?#'()@\\[]% aé").map(lambda text: f"{OPERATIONS}{text}"))
def test_a_location_gives_one_segment_or_is_not_trusted(location: str) -> None:
    try:
        operation_id = operation_id_in(GRAPH, ONE, location)
    except UntrustedUrl:
        return
    assert segment_under(GRAPH, OPERATIONS, operation_url(GRAPH, operation_id)) == operation_id


INCIDENTS = incidents_url(GRAPH, ALERT_ID)
LISTS = {"alerts": alerts_url(GRAPH, ["id"], ["alertDefinition"]), "incidents": INCIDENTS}
ALL = f"{GRAPH}{ALERTS.rstrip('/')}"


@pytest.mark.parametrize("url", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize(
    "query",
    [
        "$skiptoken=2",
        "$filter=scopeId+eq+%27%2f%27&$skiptoken=X%274453707%27",
        "$filter=scopeId%20eq%20'/'&$skiptoken=a/b?c:d@e~f!(g)*;h,i",
        "%24skiptoken=%F0%9F%98%80",
        "a=%",
    ],
)
def test_a_page_is_asked_for_by_the_very_query_that_graph_sent(url: str, query: str) -> None:
    collection = url.partition("?")[0]
    link = next_link(url, f"{collection}?{query}")
    assert link == f"{collection}?{query}"
    assert str(URL(link, encoded=True)) == link
    assert next_link(url, link) == link


@pytest.mark.parametrize(
    ("link", "asked"),
    [
        (f"{ALL}('{ALERT_ID}')/alertIncidents?$skip=1", f"{INCIDENTS}?$skip=1"),
        (f"{ALL}(%27{ALERT_ID}%27)/alertIncidents?$skip=1", f"{INCIDENTS}?$skip=1"),
        (f"{INCIDENTS}?$skip=1".replace("graph.", "GRAPH."), f"{INCIDENTS}?$skip=1"),
        (f"{INCIDENTS}?$skip=1".replace(".com", ".com:443"), f"{INCIDENTS}?$skip=1"),
        (f'{INCIDENTS}?q=é"<>`{{}}', f"{INCIDENTS}?q=%C3%A9%22%3C%3E%60%7B%7D"),
    ],
)
def test_another_spelling_of_a_page_is_that_page(link: str, asked: str) -> None:
    assert next_link(INCIDENTS, link) == asked


def test_an_id_that_needs_quoting_is_compared_unquoted() -> None:
    odd = incidents_url(GRAPH, "a b:c%")
    assert next_link(odd, f"{GRAPH}{ALERTS}a%20b%3Ac%25/alertIncidents?$skip=1") == f"{odd}?$skip=1"


NO_PAGES = {
    **TRICKS,
    "another alert": f"{GRAPH}{ALERTS}other/alertIncidents?$skip=1",
    "the alert": f"{GRAPH}{ALERTS}{ALERT_ID}?$skip=1",
    "one incident": f"{INCIDENTS}/1?$skip=1",
    "a slash after": f"{INCIDENTS}/?$skip=1",
    "another operation on it": f"{INCIDENTS}/remediate?$skip=1",
    "no query": INCIDENTS,
    "an empty query": f"{INCIDENTS}?",
    "a fragment": f"{INCIDENTS}?$skip=1#x",
    "only a query": "?$skip=1",
    "only a token": "2",
    "a path": f"{ALERTS}{ALERT_ID}/alertIncidents?$skip=1",
    "a blank": f"{INCIDENTS}?$skip= 1",
    "a line break": f"{INCIDENTS}?$skip=1\r\nHost: evil",
    "another host": f"{INCIDENTS}?$skip=1".replace(".com", ".com.evil.example"),
    "the host as a user": f"{INCIDENTS}?$skip=1".replace("https://", "https://graph.microsoft.com@evil.example/"),
    "http": f"{INCIDENTS}?$skip=1".replace("https", "http"),
    "v1.0": f"{INCIDENTS}?$skip=1".replace("beta", "v1.0"),
}


@pytest.mark.parametrize("link", NO_PAGES.values(), ids=NO_PAGES)
def test_a_link_to_anything_else_is_not_followed(link: str) -> None:
    with pytest.raises(UntrustedUrl):
        next_link(INCIDENTS, link)


@quick
@given(st.text() | st.text(alphabet="/:.?#'()@\\[]%& aé$").map(lambda text: INCIDENTS + text))
def test_no_link_leads_out_of_the_collection(link: str) -> None:
    try:
        url = URL(next_link(INCIDENTS, link), encoded=True)
    except UntrustedUrl:
        return
    assert str(url.with_query(None)) == INCIDENTS
    assert not url.fragment


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (ALL, True),
        (f"{ALL}/", True),
        (f"{ALL}?$filter=x", True),
        (f"{ALL}/?$filter=x", True),
        (ALL.replace(".com", ".com:443"), True),
        ("", False),
        (f"{ALL}//", False),
        (f"{ALL}/{ALERT_ID}", False),
        (f"{ALL}/refresh", False),
        (f"{GRAPH}{OPERATIONS}", False),
        (ALL.replace("beta", "v1.0"), False),
        (ALL.replace("https", "http"), False),
        (ALL.replace(".com", ".com.evil.example"), False),
        (ALL.replace("https://", "https://user@"), False),
        (ALERTS, False),
    ],
)
def test_the_collection_of_alerts_is_known_when_seen(location: str, *, expected: bool) -> None:
    assert is_alerts_collection(GRAPH, location) is expected
