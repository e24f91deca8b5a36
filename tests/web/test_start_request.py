"""What `POST /runs` takes and refuses: each faulty field is named, with what it accepts."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import azure.functions as func
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_refresh.graph.urls import OPERATIONS
from alert_refresh.problems import Refused
from alert_refresh.run.state import Target, Wish
from alert_refresh.web.start_request import make_parsers, parse_start
from tests.support.generated import json_values, quick
from tests.support.graph_samples import ALERT_ID, GRAPH, OPERATION_ID, OPERATION_URL
from tests.web.http import NOW, RUNS, SETTINGS, faults, request, send, start

UNDER = f"{GRAPH}{OPERATIONS}"
CALLBACK = "https://prod-00.westeurope.logic.azure.com/workflows/w?sig=s3cret"
FIELDS = tuple(make_parsers(SETTINGS))
X = {"operationId": "x"}
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "kind", "target_id"),
    [
        (X, "operationId", "x"),
        ({"operationUrl": OPERATION_URL}, "operationId", OPERATION_ID),
        ({"operationUrl": f"{UNDER[:-1]}('{OPERATION_ID}')"}, "operationId", OPERATION_ID),
        ({"alertId": ALERT_ID}, "alertId", ALERT_ID),
        ({"alertId": "stalesigninALERT"}, "alertId", "StaleSignInAlert"),
        ({"allAlerts": True}, "allAlerts", ""),
    ],
)
def test_a_target(body: dict[str, Any], kind: Any, target_id: str) -> None:
    assert start(body) == (Wish(Target(kind, target_id), NOW, NOW + timedelta(hours=1)), None)


def test_every_option() -> None:
    body = {
        "operationId": "x",
        "select": ["isActive", "id"],
        "expand": "alertIncidents, alertDefinition",
        "timeoutSeconds": 60.0,
        "notBefore": "2026-01-31T13:00:00.0296021+01:00",
        "changesFor": "ops.team-1_x",
        "callbackUrl": CALLBACK,
        "format": "teams",
    }
    wish, key = start(body, Idempotency_Key='"a,b"')
    assert key == "a,b"
    assert wish == Wish(
        Target("operationId", "x"),
        created_at=NOW,
        deadline=NOW + timedelta(seconds=60),
        select=("id", "isActive"),
        expand=("alertDefinition", "alertIncidents"),
        not_before=NOW.replace(microsecond=29602),
        changes_for="ops.team-1_x",
        callback_url=CALLBACK,
        format="teams",
        runs_url=RUNS,
    )


def test_a_card_has_the_name_and_the_severity_of_the_alert_though_nobody_asked_for_its_definition() -> None:
    assert start({**X, "callbackUrl": CALLBACK, "format": "teams"})[0].expand == ("alertDefinition",)
    assert start({**X, "callbackUrl": CALLBACK, "format": "json"})[0].expand == ()


def test_null_is_a_field_that_is_left_out() -> None:
    for target in (X, {"alertId": "x"}):
        assert start({**dict.fromkeys(FIELDS), **target}) == start(target)


def test_fields_may_be_in_the_query() -> None:
    query = {"alertId": "x", "timeoutSeconds": "60", "select": "id,isActive", "code": "key", "clientId": "default"}
    deadline = NOW + timedelta(seconds=60)
    assert start(query=query)[0] == Wish(Target("alertId", "x"), NOW, deadline, select=("id", "isActive"))
    assert start(query={"allAlerts": "true"})[0].target == Target("allAlerts")


NO_ID: list[Any] = [
    *(True, 0, 1.5, [], {}, "", ".", "..", "x" * 201),
    *("a/b", "a\\b", "a?b", "a#b", "a\tb", "\0", "a\u2028b", "\ud800"),
]
NO_URL: list[Any] = [
    *(True, 1, "", "x", OPERATION_ID, UNDER, f"{UNDER}x/y", f"{UNDER}x?$select=id", UNDER + "x" * 201, "\ud800"),
    f"https://graph.microsoft.us{OPERATIONS}x",
    f"https://user:s3cret@graph.microsoft.com{OPERATIONS}x",
    f"https://graph.microsoft.com:s3cret{OPERATIONS}x",
]
"""All the tricks of a URL are in tests/graph."""
REFUSED: dict[str, list[Any]] = {
    "operationId": NO_ID,
    "alertId": NO_ID,
    "allAlerts": [False, 0, 1, "yes", "", [], {}],
    "operationUrl": NO_URL,
    "select": [True, 1, {}, "", "id,", "*", "a/b", "id; x", [1], ["id", None], ["\ud800"], "incidentcount"],
    "expand": [True, "alertIncident", "*", ["alertIncidents($top=1)"], [[]]],
    "timeoutSeconds": [True, 0, -1, 86_401, 1.5, 1e300, 1e999, "", "0", "86401", "1_0", "٣", "9" * 5000, [1]],
    "notBefore": [
        *(True, 0, "", "now", "2026-01-31", "2026-01-31T12:00:00", "2026-02-30T12:00:00Z", "\ud800"),
        *("2019-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-01-31T13:00:01Z", "2999-01-01T00:00:00Z"),
    ],
    "changesFor": [True, "", "a b", "ä", "x" * 65, "@a", ["ops"]],
    "format": [True, "", "card", "Teams", ["teams"]],
    "callbackUrl": [True, "", "x", "https://evil.example/?sig=s3cret", "https://x.logic.azure.com:1/?sig=s3cret"],
}


@pytest.mark.parametrize("field", REFUSED)
def test_a_value_that_is_refused(field: str) -> None:
    target = {} if field in {"operationId", "operationUrl", "alertId", "allAlerts"} else X
    for value in REFUSED[field]:
        others = {"callbackUrl": CALLBACK} if field == "format" else {}
        found = faults(send({**target, **others, field: value}))
        assert list(found) == [field], value
        assert "s3cret" not in found[field]


TWICE = [("operationId", "x"), ("select", "id")]
REQUESTS: dict[str, tuple[func.HttpRequest, dict[str, str]]] = {
    "no target": (send({}), {"operationId": "is missing: a request has exactly one of operationId, "}),
    "two targets": (
        send({**X, "operationUrl": f"{UNDER}x"}),
        {"operationUrl": "is one too many: a request has exactly one of"},
    ),
    "three": (send({**X, "allAlerts": True, "alertId": "x"}), {"alertId": "one too many", "allAlerts": "one too many"}),
    "a close name": (send({**X, "timeout": 1}), {"timeout": "did you mean timeoutSeconds?"}),
    "a far name": (send({**X, "zzz": 1}), {"zzz": "the names are operationId"}),
    "a close alert": (send({"alertId": "StaleSigninAlerts"}), {"alertId": "did you mean StaleSignInAlert?"}),
    "a close value": (send({**X, "expand": "alertIncident"}), {"expand": "did you mean alertIncidents?"}),
    **{
        f"a name that may hold a secret: {name}": (
            send({**X, name: "x"}),
            {"(a name that is not repeated here)": "is unknown"},
        )
        for name in ("https://x.logic.azure.com", "sig=secret", "a?b", "x" * 65)
    },
    "twice in the query": (send(b"", [*TWICE, ("select", "id")]), {"select": "given twice"}),
    "again and empty": (send(b"", [*TWICE, ("select", "")]), {"select": "given twice"}),
    "in body and query": (send(X, X), {"operationId": "given twice"}),
    "a format of nothing": (send({**X, "format": "teams"}), {"format": "needs callbackUrl"}),
    "a callback in the query": (send(b"", {**X, "callbackUrl": CALLBACK}), {"callbackUrl": "queries are logged"}),
    **{
        f"the query {query}": (request(url=f"https://app.example/api/runs?{query}"), {"operationId": "must be"})
        for query in ("operationId=%ff", "operationId=%ED%A0%80", "operationId=x#y")
    },
    "many at once": (
        send(
            {"operationId": "a/b", "select": 1, "timeoutSeconds": 0, "notBefore": "now", "x": 1}, Idempotency_Key="a,b"
        ),
        dict.fromkeys(("operationId", "select", "timeoutSeconds", "notBefore", "x", "Idempotency-Key"), ""),
    ),
    "not JSON": (send(b"operationId=x"), {"": "it is not JSON"}),
    "two documents": (send(b"{}{}"), {"": "it is not JSON"}),
    "UTF-16": (send('{"operationId": "x"}'.encode("utf-16")), {"": "it is not JSON in UTF-8"}),
    "not UTF-8": (send(b'{"operationId": "\xe9"}'), {"": "it is not JSON in UTF-8"}),
    "deep": (send(b"[" * 60_000), {"": "nested too deep"}),
    "a long number": (send(b'{"operationId": ' + b"9" * 5000 + b"}"), {"": "too long"}),
    "a list": (send(b"[]"), {"": "not an object"}),
    "a name twice": (send(b'{"operationId": "x", "operation\\u0049d": "x"}'), {"operationId": "have the same name"}),
    "an inner name twice": (send(b'{"operationId": {"y": 1, "y": 1}}'), {"": "have the same name"}),
    "a chunked body, which Azure drops": (send(b"", Transfer_Encoding="gzip, Chunked"), {"": "Content-Length"}),
    **{
        f"the key {key}": (send(X, Idempotency_Key=key), {"Idempotency-Key": "must be one key"})
        for key in ("", " ", "a b", "a,b", '"a', 'a"b', '"a\\x"', "é", "x" * 256)
    },
}


@pytest.mark.parametrize(("sent", "expected"), REQUESTS.values(), ids=REQUESTS)
def test_a_request_that_is_refused(sent: func.HttpRequest, expected: dict[str, str]) -> None:
    found = faults(sent)
    assert found.keys() == expected.keys()
    assert [detail for field, detail in expected.items() if detail not in found[field]] == []


def test_a_flood_of_unknown_fields_is_reported_in_short() -> None:
    found = faults(send({**X, **{f"x{number}": 1 for number in range(25)}}))
    assert (len(found), found[""]) == (11, "15 more fields are unknown")


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        *(
            ("media-type-unsupported", send(X, Content_Type=media_type))
            for media_type in ("text/plain", "application/json; charset=latin-1", f"{FORM}; charset=latin-1")
        ),
        ("media-type-unsupported", send(X, Content_Encoding="gzip")),
        ("body-too-large", send(b" " * 65_537)),
    ],
)
def test_a_body_that_is_not_read(name: str, sent: func.HttpRequest) -> None:
    with pytest.raises(Refused, match=r"^Nothing was started\. ") as raised:
        parse_start(sent, SETTINGS, NOW)
    assert raised.value.problem["type"].endswith(f":{name}")


FORMS: dict[str, tuple[bytes, Any]] = {
    "a watch": (b"operationId=x&timeoutSeconds=60", {"operationId": "x", "timeoutSeconds": 60}),
    "lists": (
        b"operationId=x&select=id,isActive&expand=alertIncidents",
        {**X, "select": "id,isActive", "expand": "alertIncidents"},
    ),
    "all alerts": (b"allAlerts=true", {"allAlerts": True}),
    "a callback": (f"operationId=x&callbackUrl={quote(CALLBACK, safe='')}".encode(), {**X, "callbackUrl": CALLBACK}),
    "what a form encodes": (b"operationId=a+b%3Ac%C3%A9", {"operationId": "a b:cé"}),
}


@pytest.mark.parametrize(("form", "document"), FORMS.values(), ids=FORMS)
def test_a_form_asks_for_the_same_as_json(form: bytes, document: Any) -> None:
    assert start(form, Content_Type=FORM) == start(form, Content_Type=f"{FORM}; charset=UTF-8") == start(document)


BAD_FORMS: dict[str, tuple[bytes, dict[str, str], str]] = {
    "twice": (b"operationId=x&operationId=x", {}, "operationId"),
    "an unknown field": (b"operationId=x&code=1", {}, "code"),
    "an empty field": (b"operationId=x&notBefore=", {}, "notBefore"),
    "not UTF-8": (b"operationId=%ff", {}, "operationId"),
    "raw bytes": (b"operationId=\xff", {}, "operationId"),
    "two keys": (b"operationId=x&idempotencyKey=a&idempotencyKey=b", {}, "idempotencyKey"),
    "a key and a header": (b"operationId=x&idempotencyKey=a", {"Idempotency_Key": "a"}, "idempotencyKey"),
    "a bad key": (b"operationId=x&idempotencyKey=", {}, "idempotencyKey"),
}


@pytest.mark.parametrize(("form", "headers", "field"), BAD_FORMS.values(), ids=BAD_FORMS)
def test_a_form_that_is_refused(form: bytes, headers: dict[str, str], field: str) -> None:
    assert list(faults(send(form, (), Content_Type=FORM, **headers))) == [field]


def test_a_form_has_its_key_in_a_field_and_json_and_a_query_have_none() -> None:
    assert start(b"operationId=x&idempotencyKey=a", Content_Type=FORM)[1] == "a"
    assert start(b"operationId=x", Content_Type=FORM, Idempotency_Key="b")[1] == "b"
    assert list(faults(send({**X, "idempotencyKey": "a"}))) == ["idempotencyKey"]
    assert list(faults(send(X, {"idempotencyKey": "a"}))) == ["idempotencyKey"]


@pytest.mark.parametrize("media_type", ["application/json", "APPLICATION/JSON; charset=UTF-8", "application/x+json"])
def test_a_media_type_that_is_json_and_a_bom_that_is_ignored(media_type: str) -> None:
    assert start(b'\xef\xbb\xbf{"operationId": "x"}', Content_Type=media_type) == start(X)


@pytest.mark.parametrize(
    ("key", "read"), [("a", "a"), ('"a"', "a"), ('"a,b"', "a,b"), (r'"a\"b"', 'a"b'), ("x" * 255, "x" * 255)]
)
def test_an_idempotency_key(key: str, read: str) -> None:
    assert start(X, Idempotency_Key=key)[1] == read


def judge(sent: func.HttpRequest) -> Any:
    try:
        return parse_start(sent, SETTINGS, NOW)
    except Refused as refused:
        return refused.problem["errors"]


@quick
@given(
    st.dictionaries(st.sampled_from([*FIELDS, "x"]), json_values) | json_values,
    st.dictionaries(st.sampled_from([*FIELDS, "x"]), st.text(), max_size=2),
)
def test_any_request_is_accepted_or_gets_its_faults(body: Any, query: dict[str, str]) -> None:
    assert judge(send(body, query))
