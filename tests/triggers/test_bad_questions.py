"""What `POST /runs` does not take: the field is named, and what it accepts is said."""

import json
from typing import Any

import azure.functions as func
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.urls import ALERTS, OPERATIONS
from tests.domain.generated import json_values, quick
from tests.support.graph_samples import GRAPH, OPERATION_ID
from tests.triggers.questions import CHOSEN, NOW, faults, request
from triggers.start_request import InvalidRequest, parse_start

UNDER = f"{GRAPH}{OPERATIONS}"
AN_ID = "must be a string of 1 to 200 printable characters without / \\ ? #"
A_URL = f"must be {UNDER}<operation id>; "
NAMES = "must be OData property names: a JSON array of strings, or one string with commas and no blanks"
SECONDS = "must be a whole number of seconds from 1 to 86400"
A_TIME = "must be an ISO 8601 time with an offset, as 2026-01-31T12:00:00Z"
AN_OBJECT = 'the body must be a JSON object, as {"operationId": "…"}'
UNKNOWN = "is unknown; the fields are operationId, operationUrl, select, expand, timeoutSeconds, notBefore"
NO_TARGET = "is needed, or operationUrl: exactly one target"
SECOND_TARGET = "is a second target: exactly one is accepted"
NOT_SUPPORTED = "is not supported by this version; watch an operation by its id"


def question(body: Any, **query: str) -> dict[str, str]:
    return faults(request(json.dumps(body).encode(), query=query))


@pytest.mark.parametrize(
    "body",
    [
        b"operationId=x",
        b"{",
        b" ",
        b"{'operationId': 'x'}",
        b'{"operationId": "x"} trailing',
        b"\xff\xfe\xfd",
        b"[" * 100_000,
        b"9" * 5000,
        b"null",
        b"true",
        b"1",
        b'"refresh:x"',
        b"[]",
        b'[{"operationId": "x"}]',
    ],
)
def test_a_body_that_is_no_json_object(body: bytes) -> None:
    assert faults(request(body)) == {"": AN_OBJECT}


@pytest.mark.parametrize("header", ["Transfer-Encoding", "transfer-encoding", "TRANSFER-ENCODING"])
@pytest.mark.parametrize("coding", ["chunked", "Chunked", "gzip, chunked"])
def test_a_chunked_body_that_azure_dropped_is_told_from_no_body(header: str, coding: str) -> None:
    told = faults(request(b"", headers={header: coding}))
    assert list(told) == [""]
    assert "send the body with a Content-Length, or the fields in the query" in told[""]


@pytest.mark.parametrize(
    ("body", "field", "detail"),
    [
        ({}, "operationId", NO_TARGET),
        ({"select": ["id"]}, "operationId", NO_TARGET),
        ({"operationId": "x", "operationUrl": f"{UNDER}x"}, "operationUrl", SECOND_TARGET),
        ({"operationId": "x", "operationUrl": f"{UNDER}other"}, "operationUrl", SECOND_TARGET),
    ],
)
def test_exactly_one_target(body: dict[str, Any], field: str, detail: str) -> None:
    assert question(body) == {field: detail}


def test_nothing_at_all_names_what_is_needed() -> None:
    assert list(faults(request())) == ["operationId"]


@pytest.mark.parametrize(
    "field", ["operationid", "OperationId", "operation_id", "timeout", "code", "clientId", "id", "", "é", "\ud800"]
)
def test_an_unknown_field_is_told_the_known_ones(field: str) -> None:
    assert question({"operationId": "x", field: "x"}) == {field: UNKNOWN}


def test_an_unknown_field_in_the_query() -> None:
    assert faults(request(query={"operationId": "x", "Select": "id"})) == {"Select": UNKNOWN}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"alertId": "x"}, "alertId"),
        ({"alertId": None}, "alertId"),
        ({"allAlerts": True}, "allAlerts"),
        ({"operationId": "x", "callbackUrl": "https://x.logic.azure.com/"}, "callbackUrl"),
        ({"operationId": "x", "callbackUrl": ""}, "callbackUrl"),
    ],
)
def test_a_field_of_a_later_version_is_not_ignored(body: dict[str, Any], field: str) -> None:
    assert question(body) == {field: NOT_SUPPORTED}


WRONG_TYPES: list[Any] = [None, True, False, 0, 1, 1.5, [], ["x"], {}, {"id": "x"}]


@pytest.mark.parametrize(
    "value",
    [
        *WRONG_TYPES,
        "",
        ".",
        "..",
        "a/b",
        "/",
        "a\\b",
        "a?b",
        "a#b",
        "a\tb",
        "a\nb",
        "\0",
        "a\x7f",
        "a\u0085b",
        "a\u00a0b",
        "a\u2028b",
        "a\u202eb",
        "\ud800",
        "a\udfff",
        "\ufeffa",
        "x" * 201,
    ],
)
def test_an_operation_id_that_can_be_no_segment(value: Any) -> None:
    assert question({"operationId": value}) == {"operationId": AN_ID}


@pytest.mark.parametrize(
    "value",
    [
        *WRONG_TYPES,
        "",
        "x",
        OPERATION_ID,
        f"https://graph.microsoft.us{OPERATIONS}x",
        f"https://graph.microsoft.com.evil.example{OPERATIONS}x",
        f"https://graph.microsoft.com:8443{OPERATIONS}x",
        f"https://graph.microsoft.com:99999{OPERATIONS}x",
        f"http://graph.microsoft.com{OPERATIONS}x",
        f"//graph.microsoft.com{OPERATIONS}x",
        f"https://user@graph.microsoft.com{OPERATIONS}x",
        f"https://user:password@graph.microsoft.com{OPERATIONS}x",
        f"https://graph.microsoft.com@evil.example{OPERATIONS}x",
        f"{GRAPH}{ALERTS}x",
        f"{GRAPH}{OPERATIONS}x".replace("beta", "v1.0"),
        f"{GRAPH}/{OPERATIONS}x",
        UNDER,
        f"{UNDER}x/",
        f"{UNDER}x/y",
        f"{UNDER}..",
        f"{UNDER}%2e%2e",
        f"{UNDER}x%2fy",
        f"{UNDER}x\\y",
        f"{UNDER}x%00",
        f"{UNDER}x?",
        f"{UNDER}x?$select=id",
        f"{UNDER}x#",
        f"{UNDER}x#y",
        f"{UNDER}x%3Fy",
        "\ud800",
    ],
)
def test_an_operation_url_that_is_not_under_graph(value: Any) -> None:
    told = question({"operationUrl": value})
    assert list(told) == ["operationUrl"]
    assert told["operationUrl"].startswith(A_URL)


def test_an_operation_url_with_too_long_an_id() -> None:
    assert list(question({"operationUrl": UNDER + "x" * 201})) == ["operationUrl"]


@pytest.mark.parametrize("field", ["select", "expand"])
@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        1,
        1.5,
        {},
        {"id": True},
        "",
        ",",
        "id,",
        "id,,name",
        "id, name",
        " id",
        "*",
        "a/b",
        "a($select=b)",
        "a&$filter=b",
        "a;b",
        "a-b",
        "1a",
        "ñ",
        "a\n",
        "id%2Cname",
        "a" * 129,
        [""],
        ["id", 1],
        ["id", None],
        [["id"]],
        ["id,name"],
        [True],
        ["a\n"],
        ["٣"],
    ],
)
def test_names_that_odata_does_not_know(field: str, value: Any) -> None:
    assert question({"operationId": "x", field: value}) == {field: NAMES}


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        0,
        -1,
        86_401,
        10**400,
        60.0,
        1.5,
        "",
        "0",
        "86401",
        "-1",
        "+60",
        "60.0",
        " 60",
        "60s",
        "1_0",
        "٣٠",
        "1e3",
        "PT1H",
        "9" * 5000,
        [60],
        {"seconds": 60},
        float("inf"),
        float("nan"),
    ],
)
def test_a_timeout_that_is_none(value: Any) -> None:
    assert question({"operationId": "x", "timeoutSeconds": value}) == {"timeoutSeconds": SECONDS}


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        1_769_860_800,
        [],
        {},
        "",
        "now",
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-01-31T12:00:00 01:00",
        "2026-02-30T12:00:00Z",
        "2026-01-31T25:00:00Z",
        "2026-01-31T12-00-00Z",
        "10000-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-01:00",
        "Sat, 31 Jan 2026 12:00:00 GMT",
    ],
)
def test_a_time_that_is_none(value: Any) -> None:
    assert question({"operationId": "x", "notBefore": value}) == {"notBefore": A_TIME}


@pytest.mark.parametrize("field", ["operationId", "select", "timeoutSeconds"])
def test_a_field_is_given_once(field: str) -> None:
    body: dict[str, Any] = {"operationId": "x", "select": "id", "timeoutSeconds": 60}
    query = {field: str(body[field])}
    assert question(body, **query) == {field: "is in the query and in the body"}


def test_all_faults_are_told_at_once() -> None:
    body = {"operationId": "a/b", "select": 1, "expand": "*", "timeoutSeconds": 0, "notBefore": "now", "x": 1}
    assert question(body) == {
        "operationId": AN_ID,
        "select": NAMES,
        "expand": NAMES,
        "timeoutSeconds": SECONDS,
        "notBefore": A_TIME,
        "x": UNKNOWN,
    }


FIELDS = st.sampled_from(
    ["operationId", "operationUrl", "alertId", "allAlerts", "select", "expand", "timeoutSeconds", "notBefore", "x"]
)


def verdict(question: func.HttpRequest) -> str | list[dict[str, str]]:
    try:
        return parse_start(question, CHOSEN, NOW)[0]
    except InvalidRequest as error:
        return error.errors


@quick
@given(st.dictionaries(FIELDS, json_values) | json_values, st.dictionaries(FIELDS, st.text(), max_size=2))
def test_any_question_gets_a_run_or_its_faults(body: Any, query: dict[str, str]) -> None:
    given = verdict(request(json.dumps(body).encode(), query=query))
    if isinstance(given, str):
        assert len(given) == 36
    else:
        assert given
        assert all(fault["detail"] for fault in given)
