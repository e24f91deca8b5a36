"""What Graph's refusals and the client's errors mean, and what an administrator reads about them."""

import json
from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_refresh.graph.errors import (
    BY_ERROR,
    LONGEST_CODE,
    LONGEST_MESSAGE,
    Call,
    GraphRefused,
    describe_fault,
    parse_error,
)
from alert_refresh.problems import PREFIX, Problem
from tests.support.generated import json_values, quick

CALLS: tuple[Call, ...] = get_args(Call.__value__)


def refuse(status: int, call: Call, code: str = "Code", message: str = "Text.", *, hidden: bool = False) -> Problem:
    error = {"code": code, "message": message}
    if hidden:
        inner: dict[str, Any] = {"errorCode": code, "message": message, "instanceAnnotations": [], "target": None}
        error = {"code": "UnknownError", "message": json.dumps(inner)}
    refused = GraphRefused(status, *parse_error(json.dumps({"error": error}).encode()), "r-1")
    refused.retry_after, refused.client_request_id = 33.0, "c-1"
    fault = describe_fault(refused, call)
    assert (fault["kind"], fault["retryAfter"], fault["clientRequestId"]) == ("fault", 33.0, "c-1")
    return fault["problem"]


@pytest.mark.parametrize(
    ("status", "call", "name"),
    [
        *((status, "operation", "operation-not-found") for status in (404, 410)),
        *((status, call, "alert-not-found") for status in (404, 410) for call in ("alert", "refresh")),
        *((404, "alerts", "request-refused"), (409, "refresh", "refresh-conflict")),
        *((409, call, "request-refused") for call in ("operation", "alert", "alerts")),
        *((status, call, "request-refused") for status in (302, 307, 400, 418) for call in CALLS),
        *((401, call, "token-refused") for call in CALLS),
        *((429, call, "throttled") for call in CALLS),
        *((status, call, "graph-unavailable") for status in (408, 423, 425, 500, 503, 599) for call in CALLS),
    ],
)
def test_a_status_means_what_it_can_mean_for_the_call(status: int, call: Call, name: str) -> None:
    problem = refuse(status, call)
    assert problem["type"] == PREFIX + name
    assert problem["detail"].startswith(f"Graph answered HTTP {status}, Code: Text. ")
    assert problem["graph"] == {
        "status": status,
        "code": "Code",
        "message": "Text.",
        "requestId": "r-1",
        "clientRequestId": "c-1",
    }


LICENSE = "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license."
WITHOUT_LICENSE = [
    *((status, "AadPremiumLicenseRequired", message) for status in (400, 403) for message in (LICENSE, "")),
    *((status, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", "") for status in (401, 403)),
    (400, "PimLicenseRequired", ""),
    (400, "Code", "The tenant needs an AAD Premium 2 license."),
    (403, "Code", "The tenant has not onboarded to PIM."),
]
DISABLED = "The alert is disabled by its configuration."
READ, READ_WRITE = (f"permission RoleManagementAlert.{each}.Directory, with admin" for each in ("Read", "ReadWrite"))


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize(
    ("refusal", "name", "words"),
    [
        *(((status, call, *said), "license-missing", "buy it") for status, *said in WITHOUT_LICENSE for call in CALLS),
        # Talk of a license alone is not a missing one.
        ((404, "refresh", "Code", LICENSE), "alert-not-found", "Check the alert's id"),
        ((403, "refresh", "Code", "The license of this message needs no attention."), "permission-missing", READ_WRITE),
        ((400, "refresh", "Code", "A property named 'license' is unknown."), "request-refused", "ids below"),
        *(((403, call), "permission-missing", READ_WRITE if call == "refresh" else READ) for call in CALLS),
        ((403, "alert"), "permission-missing", "a managed identity keeps its old token for up to a day"),
        ((400, "refresh", "Code", DISABLED), "request-refused", f"{DISABLED} If the alert is disabled in PIM, enable"),
        ((400, "alert", "Code", DISABLED), "request-refused", f"{DISABLED} Report it"),
    ],
)
def test_a_refusal_says_what_to_do(refusal: tuple[Any, ...], name: str, words: str, *, hidden: bool) -> None:
    problem = refuse(*refusal, hidden=hidden)
    assert (problem["type"], words in problem["detail"]) == (PREFIX + name, True)
    assert ("RoleManagementAlert." in problem["detail"]) == (name == "permission-missing")
    assert problem["graph"]["code"] == (refusal[2] if len(refusal) > 2 else "Code")


def test_every_error_tells_what_happened_first() -> None:
    for error, call in product(BY_ERROR, CALLS):
        assert describe_fault(error("it broke"), call)["problem"]["detail"].startswith("It broke. ")


def make_body(code: Any, message: Any) -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (make_body("Forbidden", "No."), "Forbidden", "No."),
        (make_body("c" * 300, "m" * 1000), "c" * LONGEST_CODE, "m" * LONGEST_MESSAGE),
        (make_body("UnknownError", '{"errorCode": "Inner", "message": "Text."}'), "Inner", "Text."),
        (make_body("UnknownError", json.dumps({"errorCode": "", "message": "Text."})), "UnknownError", "Text."),
        (make_body("UnknownError", json.dumps({"errorCode": "Deep"})), "Deep", '{"errorCode": "Deep"}'),
        (make_body("UnknownError", "{broken"), "UnknownError", "{broken"),
        (make_body("\ud800", "Half a \udfff pair."), "?", "Half a ? pair."),
        (make_body(None, None), "", ""),
        (make_body(403, ["No."]), "", ""),
        (b'{"error":"invalid_request","error_description":"No such tenant."}', "invalid_request", "No such tenant."),
        (b"", "", ""),
        (b"<html>502 Bad Gateway</html>", "", ""),
        (b"[]", "", ""),
        (b"[" * 100_000, "", ""),
    ],
)
def test_a_refusal_has_a_code_and_a_message(body: bytes, code: str, message: str) -> None:
    assert parse_error(body) == (code, message)


@quick
@given(
    st.binary()
    | json_values.map(lambda value: json.dumps(value).encode())
    | st.builds(lambda inner: make_body(inner, json.dumps(inner)), json_values)
)
def test_no_body_of_a_refusal_is_an_error(body: bytes) -> None:
    code, message = parse_error(body)
    assert (len(code) <= LONGEST_CODE, len(message) <= LONGEST_MESSAGE) == (True, True)
