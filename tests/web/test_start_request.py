"""What `POST /runs` takes and refuses: each faulty field is named, with what it accepts."""

import json
from datetime import timedelta
from typing import Any

import azure.functions as func
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_refresh.graph.urls import OPERATIONS
from alert_refresh.run.state import Target, Wish
from alert_refresh.web.requests import BodyTooLarge, InvalidRequest, MediaTypeUnsupported
from alert_refresh.web.start_request import FIELDS, parse_start
from tests.support.generated import json_values, quick
from tests.support.graph_samples import ALERT_ID, GRAPH, OPERATION_ID, OPERATION_URL
from tests.web.http import NOW, SETTINGS, body_faults, faults, request, start

UNDER = f"{GRAPH}{OPERATIONS}"
CALLBACK = "https://prod-00.westeurope.logic.azure.com/workflows/w?sig=s3cret"


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ({"operationId": OPERATION_ID}, Target("operationId", OPERATION_ID)),
        ({"operationUrl": OPERATION_URL}, Target("operationId", OPERATION_ID)),
        (
            {"operationUrl": OPERATION_URL.replace(f"/{OPERATION_ID}", f"('{OPERATION_ID}')")},
            Target("operationId", OPERATION_ID),
        ),
        ({"alertId": ALERT_ID}, Target("alertId", ALERT_ID)),
        ({"alertId": "stalesigninALERT"}, Target("alertId", "StaleSignInAlert")),
        ({"allAlerts": True}, Target("allAlerts")),
    ],
)
def test_a_target(body: dict[str, Any], target: Target) -> None:
    assert start(body) == (Wish(target, NOW, NOW + timedelta(hours=1)), None)


def test_every_option() -> None:
    body = {
        "operationId": "x",
        "select": ["isActive", "id"],
        "expand": "alertIncidents, alertDefinition",
        "timeoutSeconds": 60.0,
        "notBefore": "2026-01-31T13:00:00.0296021+01:00",
        "changesFor": "ops.team-1_x",
        "callbackUrl": CALLBACK,
    }
    wish = start(body, headers={"Idempotency-Key": '"a,b"'})
    assert wish.key == "a,b"
    assert wish.wish == Wish(
        Target("operationId", "x"),
        created_at=NOW,
        deadline=NOW + timedelta(seconds=60),
        select=("id", "isActive"),
        expand=("alertDefinition", "alertIncidents"),
        not_before=NOW.replace(microsecond=29602),
        changes_for="ops.team-1_x",
        callback_url=CALLBACK,
    )


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_null_is_a_field_that_is_left_out(field: str) -> None:
    target = {} if field == "allAlerts" else {"allAlerts": True}
    assert start({**target, field: None} if target else {"alertId": "x", field: None})


def test_fields_may_be_in_the_query() -> None:
    query = {"alertId": "x", "timeoutSeconds": "60", "select": "id,isActive", "code": "key", "clientId": "default"}
    wish = start(query=query).wish
    assert (wish.target, wish.select, wish.deadline) == (
        Target("alertId", "x"),
        ("id", "isActive"),
        NOW + timedelta(0, 60),
    )
    assert start(query={"allAlerts": "true"}).wish.target == Target("allAlerts")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["operationId"]),
        ({"select": ["id"]}, ["operationId"]),
        ({"operationId": "x", "operationUrl": f"{UNDER}x"}, ["operationUrl"]),
        ({"allAlerts": True, "alertId": "x", "operationId": "x"}, ["alertId", "allAlerts"]),
    ],
)
def test_exactly_one_target(body: dict[str, Any], fields: list[str]) -> None:
    assert list(body_faults(body)) == fields


NO_ID: list[Any] = [
    True,
    0,
    1.5,
    [],
    {},
    "",
    ".",
    "..",
    "a/b",
    "a\\b",
    "a?b",
    "a#b",
    "a\tb",
    "\0",
    "a\u2028b",
    "\ud800",
    "x" * 201,
]
NO_URL: list[Any] = [
    *(True, 1, "", "x", OPERATION_ID, UNDER, "\ud800"),
    f"https://graph.microsoft.us{OPERATIONS}x",
    f"https://graph.microsoft.com.evil.example{OPERATIONS}x",
    f"http://graph.microsoft.com{OPERATIONS}x",
    f"https://user@graph.microsoft.com{OPERATIONS}x",
    f"{UNDER}x".replace("beta", "v1.0"),
    *(
        UNDER + key
        for key in ("x/y", "..", "%2e%2e", "x%2fy", "x\\y", "x%00", "x?", "x?$select=id", "x#y", "x%3Fy", "x" * 201)
    ),
]
REFUSED: dict[str, list[Any]] = {
    "operationId": NO_ID,
    "alertId": NO_ID,
    "allAlerts": [False, 0, 1, "yes", "", [], {}],
    "operationUrl": NO_URL,
    "select": [True, 1, {}, "", "id,", "*", "a/b", "id; x", [1], ["id", None], ["\ud800"], "incidentcount"],
    "expand": [True, "alertIncident", "*", ["alertIncidents($top=1)"], [[]]],
    "timeoutSeconds": [True, 0, -1, 86_401, 1.5, 1e300, "", "0", "86401", "1_0", "٣", "9" * 5000, [1]],
    "notBefore": [
        *(True, 0, "", "now", "2026-01-31", "2026-01-31T12:00:00", "2026-02-30T12:00:00Z", "\ud800"),
        *("2019-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-01-31T13:00:01Z", "2999-01-01T00:00:00Z"),
    ],
    "changesFor": [True, "", "a b", "ä", "x" * 65, "@a", ["ops"]],
    "callbackUrl": [
        *(True, "", "x", "https://evil.example/?sig=s3cret", "https://x.logic.azure.com:1/?sig=s3cret"),
    ],
}
FAULTS = [(field, value) for field, values in REFUSED.items() for value in values]


@pytest.mark.parametrize(("field", "value"), FAULTS, ids=lambda value: repr(value)[:60])
def test_a_value_that_is_refused(field: str, value: Any) -> None:
    target = {} if field in {"operationId", "operationUrl", "alertId", "allAlerts"} else {"operationId": "x"}
    found = body_faults({**target, field: value})
    assert list(found) == [field]
    assert "s3cret" not in found[field]


@pytest.mark.parametrize(
    ("body", "field", "hint"),
    [
        ({"alertID": "x"}, "alertID", "did you mean alertId?"),
        ({"operationId": "x", "timeout": 1}, "timeout", "did you mean timeoutSeconds?"),
        ({"operationId": "x", "zzz": 1}, "zzz", "the fields are operationId"),
        ({"operationId": "x", "expand": "alertIncident"}, "expand", "did you mean alertIncidents?"),
        ({"operationId": "x", "select": ["isactive"]}, "select", "did you mean isActive?"),
    ],
)
def test_a_name_that_nobody_knows_gets_a_hint(body: dict[str, Any], field: str, hint: str) -> None:
    assert hint in body_faults(body)[field]


@pytest.mark.parametrize("name", ["https://x.logic.azure.com", "sig=secret", "a?b", "x" * 65])
def test_a_name_that_may_hold_a_secret_is_not_repeated(name: str) -> None:
    assert list(body_faults({"operationId": "x", name: "x"})) == ["(a name that is not repeated here)"]


def test_a_flood_of_unknown_fields_is_reported_in_short() -> None:
    found = body_faults({"operationId": "x", **{f"x{number}": 1 for number in range(25)}})
    assert (len(found), found[""]) == (11, "15 more fields are unknown")


@pytest.mark.parametrize(
    "query",
    [
        [("operationId", "x"), ("select", "id"), ("select", "id")],
        [("operationId", "x"), ("select", "id"), ("select", "")],
    ],
)
def test_a_field_is_given_once_in_the_query(query: list[tuple[str, str]]) -> None:
    assert "given twice" in faults(request(query=query))["select"]


def test_a_field_is_given_once_in_body_and_query() -> None:
    assert "given twice" in body_faults({"operationId": "x"}, operationId="x")["operationId"]


def test_a_callback_url_in_the_query_is_refused() -> None:
    found = faults(request(query={"operationId": "x", "callbackUrl": CALLBACK}))
    assert "a query is logged on its way" in found["callbackUrl"]


@pytest.mark.parametrize("query", ["operationId=%ff", "operationId=%ED%A0%80", "operationId=x#y"])
def test_a_query_is_read_to_its_last_byte(query: str) -> None:
    assert list(faults(request(url=f"https://app.example/api/runs?{query}"))) == ["operationId"]


def test_all_faults_are_reported_at_once() -> None:
    body = {"operationId": "a/b", "select": 1, "timeoutSeconds": 0, "notBefore": "now", "x": 1}
    found = faults(request(json.dumps(body).encode(), headers={"Idempotency-Key": "a,b"}))
    assert set(found) == {*body, "Idempotency-Key"}


BODIES = {
    "not JSON": (b"operationId=x", ""),
    "cut off": (b'{"operationId": ', ""),
    "two documents": (b"{}{}", ""),
    "UTF-16": ('{"operationId": "x"}'.encode("utf-16"), ""),
    "not UTF-8": (b'{"operationId": "\xe9"}', ""),
    "deep": (b"[" * 60_000, ""),
    "long number": (b'{"operationId": ' + b"9" * 5000 + b"}", ""),
    "null": (b"null", ""),
    "list": (b"[]", ""),
    "a name twice": (b'{"operationId": "x", "operation\\u0049d": "x"}', "operationId"),
    "an inner name twice": (b'{"operationId": {"y": 1, "y": 1}}', ""),
}


@pytest.mark.parametrize(("body", "field"), BODIES.values(), ids=BODIES)
def test_a_body_that_is_refused(body: bytes, field: str) -> None:
    assert list(faults(request(body))) == [field]


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e999"])
def test_a_number_that_is_not_json_is_not_a_timeout(number: bytes) -> None:
    assert list(faults(request(b'{"operationId": "x", "timeoutSeconds": ' + number + b"}"))) == ["timeoutSeconds"]


def test_a_chunked_body_that_azure_dropped_is_not_taken_for_no_body() -> None:
    found = faults(request(headers={"Transfer-Encoding": "gzip, Chunked"}))
    assert "Content-Length" in found[""]


def test_a_bom_is_ignored() -> None:
    assert parse_start(request(b'\xef\xbb\xbf{"operationId": "x"}'), SETTINGS, NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Encoding": "gzip"},
    ],
)
def test_a_media_type_that_is_not_json(headers: dict[str, str]) -> None:
    with pytest.raises(MediaTypeUnsupported):
        parse_start(request(b"{}", headers=headers), SETTINGS, NOW)


@pytest.mark.parametrize(
    "content_type", ["application/json", "APPLICATION/JSON; charset=UTF-8", "application/cloudevents+json"]
)
def test_a_media_type_that_is_json(content_type: str) -> None:
    assert parse_start(request(b'{"alertId": "x"}', headers={"Content-Type": content_type}), SETTINGS, NOW)


def test_a_body_that_is_too_large() -> None:
    with pytest.raises(BodyTooLarge, match="65537 bytes"):
        parse_start(request(b" " * 65_537), SETTINGS, NOW)


@pytest.mark.parametrize("key", ["", " ", "a b", "a,b", '"a', 'a"b', '"a\\x"', "é", "x" * 256])
def test_an_idempotency_key_that_is_refused(key: str) -> None:
    assert list(faults(request(b'{"alertId": "x"}', headers={"Idempotency-Key": key}))) == ["Idempotency-Key"]


@pytest.mark.parametrize(
    ("key", "read"), [("a", "a"), ('"a"', "a"), ('"a,b"', "a,b"), (r'"a\"b"', 'a"b'), ("x" * 255, "x" * 255)]
)
def test_an_idempotency_key(key: str, read: str) -> None:
    assert start({"alertId": "x"}, headers={"Idempotency-Key": key}).key == read


def judge(sent: func.HttpRequest) -> Any:
    try:
        return parse_start(sent, SETTINGS, NOW)
    except InvalidRequest as error:
        return error.errors


@quick
@given(
    st.dictionaries(st.sampled_from([*FIELDS, "x"]), json_values) | json_values,
    st.dictionaries(st.sampled_from([*FIELDS, "x"]), st.text(), max_size=2),
)
def test_any_request_is_accepted_or_gets_its_faults(body: Any, query: dict[str, str]) -> None:
    assert judge(request(json.dumps(body).encode(), query=query))
