"""What `GET /runs` takes in its query, and what it says of the rest."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import azure.functions as func
import pytest
from domain.run_filter import EVERY_STATE, RunFilter
from hypothesis import given
from hypothesis import strategies as st
from triggers.continuation import NOT_OURS, continuation_token
from triggers.list_query import InvalidQuery, ListQuery, parse_list

from tests.domain.generated import quick
from triggers.list_runs import next_link

RUNS = "https://app.example/api/runs"
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
A_STATE = (
    "must be one or more of queued, refreshing, waiting, fetching, succeeded, failed, timedOut, cancelled, unreadable, "
    "with commas and no blanks"
)
A_TIME = "must be an ISO 8601 time with an offset, as 2026-01-31T12:00:00Z; in a query + is %2B"
A_SIZE = "must be a whole number from 1 to 100"
UNKNOWN = "is unknown; the parameters are state, createdFrom, createdBefore, pageSize, continuationToken"
TWICE = "is given more than once"


def query(text: str) -> ListQuery:
    return parse_list(f"{RUNS}?{text}")


def faults(text: str) -> dict[str, str]:
    """Return what is wrong with a query, by field; fails when nothing is."""
    with pytest.raises(InvalidQuery) as raised:
        query(text)
    told = {fault["field"]: fault["detail"] for fault in raised.value.errors}
    assert len(told) == len(raised.value.errors)
    assert all(detail in str(raised.value) for detail in told.values())
    return told


@pytest.mark.parametrize("url", [RUNS, f"{RUNS}?", f"{RUNS}?&", f"{RUNS}?code=k&clientId=default&CODE=&code=k"])
def test_without_a_filter_the_first_fifty_of_all_are_asked_for(url: str) -> None:
    assert parse_list(url) == ListQuery(RunFilter(EVERY_STATE), 50, None, ())


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("state=waiting", RunFilter(frozenset({"waiting"}))),
        ("state=waiting,failed", RunFilter(frozenset({"waiting", "failed"}))),
        ("state=waiting%2Cfailed", RunFilter(frozenset({"waiting", "failed"}))),
        ("state=failed&state=waiting", RunFilter(frozenset({"waiting", "failed"}))),
        ("state=failed,timedOut&state=failed&pageSize=7", RunFilter(frozenset({"timedOut", "failed"}))),
        ("state=refreshing", RunFilter(frozenset({"refreshing"}))),
        ("createdFrom=2026-01-31T12:00:00Z", RunFilter(created_from=NOON)),
        ("createdFrom=2026-01-31T13:00:00%2B01:00", RunFilter(created_from=NOON)),
        ("createdBefore=2026-01-31T04:00:00.0000000-08:00", RunFilter(created_before=NOON)),
        ("createdFrom=0001-01-01T00:00:00Z", RunFilter(created_from=datetime(1, 1, 1, tzinfo=UTC))),
        (
            "createdFrom=2026-01-31T12:00:00Z&createdBefore=2026-01-31T12:00:00.001Z",
            RunFilter(created_from=NOON, created_before=NOON.replace(microsecond=1000)),
        ),
    ],
)
def test_filters(text: str, chosen: RunFilter) -> None:
    assert query(text).filter == chosen


@pytest.mark.parametrize(("text", "size"), [("1", 1), ("7", 7), ("100", 100), ("007", 7)])
def test_page_sizes(text: str, size: int) -> None:
    assert query(f"pageSize={text}").page_size == size


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("state=", {"state": A_STATE}),
        ("state", {"state": A_STATE}),
        ("state=running", {"state": A_STATE}),
        ("state=Waiting", {"state": A_STATE}),
        ("state=waiting,", {"state": A_STATE}),
        ("state=waiting,,failed", {"state": A_STATE}),
        ("state=waiting, failed", {"state": A_STATE}),
        ("state=waiting&state=", {"state": A_STATE}),
        ("state=%FF", {"state": A_STATE}),
        ("createdFrom=", {"createdFrom": A_TIME}),
        ("createdFrom=2026-01-31", {"createdFrom": A_TIME}),
        ("createdFrom=2026-01-31T12:00:00", {"createdFrom": A_TIME}),
        ("createdFrom=2026-01-31T12:00:00+01:00", {"createdFrom": A_TIME}),
        ("createdBefore=10000-01-01T00:00:00Z", {"createdBefore": A_TIME}),
        ("createdBefore=0001-01-01T00:00:00%2B14:00", {"createdBefore": A_TIME}),
        ("pageSize=", {"pageSize": A_SIZE}),
        ("pageSize=0", {"pageSize": A_SIZE}),
        ("pageSize=101", {"pageSize": A_SIZE}),
        ("pageSize=-1", {"pageSize": A_SIZE}),
        ("pageSize=1.0", {"pageSize": A_SIZE}),
        ("pageSize=%2B1", {"pageSize": A_SIZE}),
        ("pageSize=%D9%A3", {"pageSize": A_SIZE}),
        ("pageSize=" + "9" * 5000, {"pageSize": A_SIZE}),
        ("continuationToken=", {"continuationToken": NOT_OURS}),
        ("continuationToken=5", {"continuationToken": NOT_OURS}),
        ("pageSize=7&pageSize=7", {"pageSize": TWICE}),
        ("createdFrom=2026-01-31T12:00:00Z&createdFrom=2026-01-31T12:00:00Z", {"createdFrom": TWICE}),
        ("continuationToken=a&continuationToken=a", {"continuationToken": TWICE}),
        ("top=7", {"top": UNKNOWN}),
        ("State=failed", {"State": UNKNOWN}),
        ("pagesize=7", {"pagesize": UNKNOWN}),
        ("=7", {"": UNKNOWN}),
        ("codes=secret", {"codes": UNKNOWN}),
        (
            "createdFrom=2026-01-31T12:00:00Z&createdBefore=2026-01-31T12:00:00Z",
            {"createdBefore": "must be later than createdFrom"},
        ),
        (
            "state=x&createdFrom=x&createdBefore=x&pageSize=x&continuationToken=x&x=x",
            {
                "state": A_STATE,
                "createdFrom": A_TIME,
                "createdBefore": A_TIME,
                "pageSize": A_SIZE,
                "continuationToken": NOT_OURS,
                "x": UNKNOWN,
            },
        ),
    ],
)
def test_faults_are_told_together_and_by_field(text: str, told: dict[str, str]) -> None:
    assert faults(text) == told


def test_no_value_is_repeated_in_what_is_told() -> None:
    with pytest.raises(InvalidQuery) as raised:
        query("x-functions-key=hunter2&state=hunter2&continuationToken=hunter2&pageSize=hunter2")
    assert "hunter2" not in str(raised.value)


FAILED = RunFilter(frozenset({"failed", "timedOut"}), NOON)
FAILED_TEXT = "state=failed,timedOut&createdFrom=2026-01-31T12:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        FAILED_TEXT,
        f"{FAILED_TEXT}&pageSize=3",
        "createdFrom=2026-01-31T13:00:00%2B01:00&state=timedOut&state=failed",
    ],
)
def test_a_token_goes_on_with_the_same_filter_in_any_spelling_and_any_page_size(text: str) -> None:
    assert query(f"{text}&continuationToken={continuation_token('here', FAILED)}").hub_token == "here"


@pytest.mark.parametrize("text", ["", "state=failed", f"{FAILED_TEXT}&createdBefore=2027-01-01T00:00:00Z"])
def test_a_token_of_another_filter_is_refused(text: str) -> None:
    assert faults(f"{text}&continuationToken={continuation_token('here', FAILED)}") == {"continuationToken": NOT_OURS}


PARAMETERS = ["state", "createdFrom", "createdBefore", "pageSize", "continuationToken", "code", "x", ""]


def verdict(text: str) -> ListQuery | list[dict[str, str]]:
    try:
        return query(text)
    except InvalidQuery as error:
        return error.errors


@quick
@given(st.lists(st.tuples(st.sampled_from(PARAMETERS), st.text(st.characters(exclude_categories=["Cs"])))))
def test_any_query_is_taken_or_told_its_faults(pairs: list[tuple[str, str]]) -> None:
    taken = verdict(urlencode(pairs))
    assert isinstance(taken, ListQuery) or (taken and all(fault["detail"] for fault in taken))


def link(text: str, *, headers: dict[str, str] | None = None, path: str = "/api/runs") -> str:
    """Return the link to the page after the one that `text` asks for, at the hub's token `there`."""
    url = f"https://app.example{path}?{text}"
    # As the host does it.
    params = {name: value for name, value in parse_qsl(text) if value}
    request = func.HttpRequest("GET", url, headers=headers or {}, params=params, body=b"")
    return next_link(request, parse_list(url), "there")


@pytest.mark.parametrize(
    "text",
    ["", FAILED_TEXT, "state=failed&state=timedOut&pageSize=7", "createdFrom=2026-01-31T13:00:00%2B01:00&code=k"],
)
def test_the_next_link_asks_the_same_and_goes_on_where_the_page_ended(text: str) -> None:
    asked = query(text)
    followed = parse_list(link(text))

    assert followed == ListQuery(asked.filter, asked.page_size, "there", asked.asked)
    assert parse_list(link(urlsplit(link(text)).query)) == followed, "the link after it holds one token, too"


@pytest.mark.parametrize("code", ["key", "a+b/c==", "a&b=c#d?e", "é %"])
def test_the_next_link_keeps_the_key_of_the_query(code: str) -> None:
    pairs: list[Any] = parse_qsl(urlsplit(link(urlencode({"code": code, "pageSize": 7}))).query, strict_parsing=True)
    assert [value for name, value in pairs if name == "code"] == [code]


def test_the_next_link_never_holds_the_key_of_the_header() -> None:
    url = link("pageSize=7&clientId=default", headers={"x-functions-key": "secret", "X-Forwarded-Host": "evil.example"})
    assert urlsplit(url)[:3] == ("https", "app.example", "/api/runs")
    assert [name for name, _ in parse_qsl(urlsplit(url).query)] == ["pageSize", "continuationToken"]
    assert "secret" not in url


def test_the_next_link_keeps_the_prefix_of_a_route_in_another_spelling() -> None:
    assert link("", path="/v2/pim/Runs").startswith("https://app.example/v2/pim/runs?continuationToken=")
