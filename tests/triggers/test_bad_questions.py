"""What `POST /runs` does not take: the field is named, and what it accepts is said."""

import json
from typing import Any

import azure.functions as func
import pytest
from graph.urls import ALERTS, OPERATIONS
from hypothesis import given
from hypothesis import strategies as st
from triggers.start_request import InvalidRequest, parse_start

from tests.domain.generated import json_values, quick
from tests.support.graph_samples import GRAPH, OPERATION_ID
from tests.triggers.questions import CHOSEN, NOW, faults, request

UNDER = f"{GRAPH}{OPERATIONS}"
AN_ID = "must be a string of 1 to 200 printable characters without / \\ ? #"
A_URL = f"must be {UNDER}<operation id>; "
NAMES = "must be at most 50 OData property names: a JSON array of strings, or one string with commas and no blanks"
SECONDS = "must be a whole number of seconds from 1 to 86400"
A_TIME = "must be an ISO 8601 time with an offset, as 2026-01-31T12:00:00Z"
AN_OBJECT = 'the body must be a JSON object, as {"operationId": "…"}'
NOT_ALL = "must be true, or be left out: alertId refreshes one alert, operationId refreshes none"
UNKNOWN = (
    "is unknown; the fields are operationId, operationUrl, alertId, allAlerts, "
    "select, expand, timeoutSeconds, notBefore, onlyIfChanged, callbackUrl"
)
MANY = "it holds more than 100 arrays and objects"
NO_TARGET = "is needed, or one of operationUrl, alertId, allAlerts: exactly one target"
SECOND_TARGET = "is a second target: exactly one is accepted"
TWICE = "is given twice: once is accepted, in the query or in the body"
NO_CLASSES = "the body must hold no object with __class__, __module__ or __data__"
HIDDEN = "(a name that is not repeated here)"


def question(body: Any, **query: str) -> dict[str, str]:
    return faults(request(json.dumps(body).encode(), query=query))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"operationId=x", "it is not JSON (Expecting value at line 1, column 1)"),
        (b"{", "it is not JSON (Expecting property name enclosed in double quotes at line 1, column 2)"),
        (b" ", "it is not JSON"),
        (b"{'operationId': 'x'}", "it is not JSON"),
        (b'{"operationId": "x",}', "it is not JSON"),
        (b'{"operationId": "x"} trailing', "it is not JSON (Extra data at line 1, column 22)"),
        (b'{"operationId": "x"}{}', "it is not JSON (Extra data"),
        (b'{"operationId": "a\tb"}', "it is not JSON (Invalid control character"),
        (b"\xff\xfe\xfd", "it is not UTF-8 (at byte 0)"),
        (b'{"operationId": "\xe9"}', "it is not UTF-8 (at byte 17)"),
        (b'{"operationId": "\xed\xa0\x80"}', "it is not UTF-8"),
        (json.dumps({"operationId": "x"}).encode("utf-16"), "it is not UTF-8"),
        (json.dumps({"operationId": "x"}).encode("utf-16-le"), "it is not JSON"),
        (json.dumps({"operationId": "x"}).encode("utf-32"), "it is not UTF-8"),
        (b"\xef\xbb\xbf\xef\xbb\xbf{}", "it is not JSON"),
        (b"[" * 60_000, MANY),
        (b'{"select":' * 6_000, MANY),
        (b"[" * 101 + b"]" * 101, MANY),
        (b"[" * 100, "it is not JSON (Expecting value at line 1, column 101)"),
        (b'"' + rb"\"" * 30_000, "it is not JSON (Unterminated string"),
        (b"9" * 5000, "a number in it has more than 20 digits"),
        (b'{"timeoutSeconds": 1' + b"0" * 400 + b"}", "a number in it has more than 20 digits"),
        (b'{"timeoutSeconds": 1e999}', "a number in it is too large"),
        (b'{"timeoutSeconds": [{"x": -1e999}]}', "a number in it is too large"),
        (b'{"timeoutSeconds": NaN}', "NaN is not JSON"),
        (b'{"timeoutSeconds": Infinity}', "Infinity is not JSON"),
        (b'{"timeoutSeconds": [-Infinity]}', "-Infinity is not JSON"),
        (b"null", "it is JSON, but no object"),
        (b"true", "it is JSON, but no object"),
        (b"1", "it is JSON, but no object"),
        (b'"refresh:x"', "it is JSON, but no object"),
        (b"[]", "it is JSON, but no object"),
        (b'[{"operationId": "x"}]', "it is JSON, but no object"),
    ],
)
def test_a_body_that_is_no_json_object(body: bytes, reason: str) -> None:
    told = faults(request(body))
    assert list(told) == [""]
    assert told[""].startswith(f"{AN_OBJECT}: {reason}")


ENVELOPE = {"__class__": "Settings", "__module__": "domain.settings", "__data__": {}}


@pytest.mark.parametrize(
    "value",
    [ENVELOPE, {"x": ENVELOPE}, [[{"x": [ENVELOPE]}]], {"__class__": "x"}, {"__module__": 1}, [{"__data__": None}]],
)
@pytest.mark.parametrize("field", ["operationId", "select", "x"])
def test_an_object_that_the_sdk_would_make_a_class_of(field: str, value: Any) -> None:
    assert question({"operationId": "x", field: value}) == {"": NO_CLASSES}


def test_a_body_that_the_sdk_would_make_a_class_of() -> None:
    assert question({"operationId": "x", **ENVELOPE}) == {"": NO_CLASSES}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"operationId": "x", "operationId": "y"}', "operationId"),
        (b'{"operationId": "x", "operationId": "x"}', "operationId"),
        (b'{"operationId": "x", "operation\\u0049d": "x"}', "operationId"),
        (b'{"operationId": "x", "select": ["id"], "select": ["id"]}', "select"),
        (b'{"operationId": "x", "y": 1, "y": 1}', ""),
        (b'{"operationId": {"y": 1, "y": 1}}', ""),
        (b'{"operationId": "x", "y": [[{"z": {"y": 1, "y": 1}}]]}', ""),
    ],
)
def test_a_name_that_an_object_has_twice(body: bytes, field: str) -> None:
    assert faults(request(body)) == {field: "two members of one object in the body have the same name"}


def test_a_large_object_with_a_name_that_it_has_twice() -> None:
    """Searched the slow way these took a minute."""
    members = ",".join([*(f'"{number}":1' for number in range(7_000)), '"0":1'])
    assert list(faults(request(f"{{{members}}}".encode()))) == [""]


@pytest.mark.parametrize("header", ["Transfer-Encoding", "transfer-encoding", "TRANSFER-ENCODING"])
@pytest.mark.parametrize("coding", ["chunked", "Chunked", "gzip, chunked"])
def test_a_chunked_body_that_azure_dropped_is_told_from_no_body(header: str, coding: str) -> None:
    told = faults(request(b"", headers={header: coding}))
    assert list(told) == [""]
    assert "send the body with a Content-Length, or the fields in the query" in told[""]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, {"operationId": NO_TARGET}),
        ({"select": ["id"]}, {"operationId": NO_TARGET}),
        ({"operationId": "x", "operationUrl": f"{UNDER}x"}, {"operationUrl": SECOND_TARGET}),
        ({"operationId": "x", "operationUrl": f"{UNDER}other"}, {"operationUrl": SECOND_TARGET}),
        ({"operationId": "x", "alertId": "x"}, {"alertId": SECOND_TARGET}),
        ({"allAlerts": True, "operationUrl": f"{UNDER}x"}, {"allAlerts": SECOND_TARGET}),
        ({"allAlerts": True, "alertId": "x"}, {"allAlerts": SECOND_TARGET}),
        (
            {"allAlerts": True, "alertId": "x", "operationId": "x"},
            dict.fromkeys(["alertId", "allAlerts"], SECOND_TARGET),
        ),
    ],
)
def test_exactly_one_target(body: dict[str, Any], told: dict[str, str]) -> None:
    assert question(body) == told


def test_one_target_in_the_body_and_another_in_the_query() -> None:
    assert question({"alertId": "x"}, allAlerts="true") == {"allAlerts": SECOND_TARGET}


def test_nothing_at_all_names_what_is_needed() -> None:
    assert list(faults(request())) == ["operationId"]


@pytest.mark.parametrize(
    "field", ["operationid", "OperationId", "operation_id", "timeout", "code", "clientId", "id", "", "é", "\ud800"]
)
def test_an_unknown_field_is_told_the_known_ones(field: str) -> None:
    assert question({"operationId": "x", field: "x"}) == {field: UNKNOWN}


def test_an_unknown_field_in_the_query() -> None:
    assert faults(request(query={"operationId": "x", "Select": "id"})) == {"Select": UNKNOWN}


@pytest.mark.parametrize("name", ["https://x.logic.azure.com", "sig=secret", "a?b", "x" * 65])
def test_a_name_that_may_hold_a_secret_is_not_repeated(name: str) -> None:
    assert question({"operationId": "x", name: "x"}) == {HIDDEN: UNKNOWN}


def test_a_flood_of_unknown_fields_is_told_in_short() -> None:
    told = question({"operationId": "x", **{f"x{number}": 1 for number in range(25)}})
    assert list(told) == [*(f"x{number}" for number in range(10)), ""]
    assert told[""] == "15 more fields are unknown"


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
@pytest.mark.parametrize("field", ["operationId", "alertId"])
def test_an_id_that_can_be_no_segment(field: str, value: Any) -> None:
    assert question({field: value}) == {field: AN_ID}


@pytest.mark.parametrize("value", [None, False, 0, 1, 1.0, "true", "", [], [True], {}, {"scopeId": "/"}])
def test_all_alerts_are_all_or_not_asked_for(value: Any) -> None:
    assert question({"allAlerts": value}) == {"allAlerts": NOT_ALL}


@pytest.mark.parametrize("text", ["", "false", "True", "TRUE", "1", " true", "true,true", "yes"])
def test_all_alerts_in_the_query_are_all_or_not_asked_for(text: str) -> None:
    assert faults(request(query={"allAlerts": text})) == {"allAlerts": NOT_ALL}


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
        ["\ud800"],
        "\udfff",
        ["id"] * 51,
        ",".join(["id"] * 51),
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
        10**19,
        0.0,
        1.5,
        86_401.0,
        1e300,
        "60",
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
        "\ud800",
        [60],
        {"seconds": 60},
    ],
)
def test_a_timeout_that_is_none(value: Any) -> None:
    assert question({"operationId": "x", "timeoutSeconds": value}) == {"timeoutSeconds": SECONDS}


@pytest.mark.parametrize(
    "text", ["", "0", "86401", "-1", "+60", "60.0", " 60", "60s", "1_0", "٣٠", "1e3", "PT1H", "9" * 5000, "true"]
)
def test_a_timeout_in_the_query_that_is_none(text: str) -> None:
    assert faults(request(query={"operationId": "x", "timeoutSeconds": text})) == {"timeoutSeconds": SECONDS}


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
        "\ud800",
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


@pytest.mark.parametrize(
    "value", [*WRONG_TYPES, "", "x", "https://evil.example/?sig=s3cret", "https://x.logic.azure.com:1/?sig=s3cret"]
)
def test_a_callback_that_may_not_be_called_is_not_repeated(value: Any) -> None:
    told = question({"operationId": "x", "callbackUrl": value})
    assert list(told) == ["callbackUrl"]
    assert "s3cret" not in told["callbackUrl"]


@pytest.mark.parametrize("field", ["operationId", "select", "timeoutSeconds"])
def test_a_field_is_given_once(field: str) -> None:
    body: dict[str, Any] = {"operationId": "x", "select": "id", "timeoutSeconds": 60}
    query = {field: str(body[field])}
    assert question(body, **query) == {field: TWICE}


@pytest.mark.parametrize("values", [("id", "id"), ("id", ""), ("", ""), ("id", "isActive", "id")])
def test_a_field_is_given_once_in_the_query(values: tuple[str, ...]) -> None:
    query = [("operationId", "x"), *(("select", value) for value in values)]
    assert faults(request(query=query)) == {"select": TWICE}


@pytest.mark.parametrize(
    ("field", "detail"),
    [
        ("select", NAMES),
        ("timeoutSeconds", SECONDS),
        ("notBefore", A_TIME),
        ("operationId", AN_ID),
        ("x", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_an_empty_parameter_is_not_passed_over(field: str, detail: str) -> None:
    query = {"operationId": "x", field: ""}
    assert faults(request(query=query)) == {field: detail}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("operationId=%ff", {"operationId": AN_ID}),
        ("operationId=%ED%A0%80", {"operationId": AN_ID}),
        ("operationId=x#y", {"operationId": AN_ID}),
        ("operationId=x&select=%ff", {"select": NAMES}),
        ("operationId=x&notBefore=2026-01-31T12:00:00Z%ff", {"notBefore": A_TIME}),
        ("operationId=x&timeoutSeconds=1%ff", {"timeoutSeconds": SECONDS}),
        ("operationId=x&%ff=1", {"\udcff": UNKNOWN}),
    ],
)
def test_a_query_is_read_to_its_last_byte(query: str, told: dict[str, str]) -> None:
    assert faults(request(url=f"https://app.example/api/runs?{query}")) == told


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
    [
        *("operationId", "operationUrl", "alertId", "allAlerts"),
        *("select", "expand", "timeoutSeconds", "notBefore", "callbackUrl", "x"),
    ]
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


def test_a_callback_in_the_query_is_refused_since_a_query_is_logged_on_its_way() -> None:
    url = "https://prod-00.westeurope.logic.azure.com/workflows/w?sig=s3cret"
    told = faults(request(query={"operationId": "x", "callbackUrl": url}))
    assert list(told) == ["callbackUrl"]
    assert "must stand in the body" in told["callbackUrl"]
