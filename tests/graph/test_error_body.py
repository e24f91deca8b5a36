"""What a refusal's body says."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.error_body import MESSAGE_LIMIT, parse_error_body
from tests.domain.generated import json_values, quick

MISSING = {
    "errorCode": "PermissionScopeNotGranted",
    "message": "Authorization failed due to missing permission scope RoleManagementAlert.Read.Directory.",
    "instanceAnnotations": [],
}


def body(code: Any, message: Any) -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()


@pytest.mark.parametrize(
    ("sent", "code", "message"),
    [
        (body("Forbidden", "No."), "Forbidden", "No."),
        (body("UnknownError", json.dumps(MISSING)), MISSING["errorCode"], MISSING["message"]),
        (body("UnknownError", json.dumps({"errorCode": "", "message": "Why."})), "UnknownError", "Why."),
        (body("UnknownError", json.dumps({"errorCode": "Deep"})), "Deep", '{"errorCode": "Deep"}'),
        (body("UnknownError", "{}"), "UnknownError", "{}"),
        (body("UnknownError", "[1]"), "UnknownError", "[1]"),
        (body("UnknownError", "{broken"), "UnknownError", "{broken"),
        (body(" Padded ", " Padded. "), "Padded", "Padded."),
        (body("\ud800", "Half a \udfff pair."), "?", "Half a ? pair."),
        (body("UnknownError", json.dumps({"message": "\ud800"})), "UnknownError", "?"),
        (body(None, None), "", ""),
        (body(403, ["No."]), "", ""),
        (body("", ""), "", ""),
        (b'{"error": "invalid_grant"}', "", ""),
        (b'{"error": null}', "", ""),
        (b"{}", "", ""),
        (b"[]", "", ""),
        (b"null", "", ""),
        (b"", "", ""),
        (b"<html>502 Bad Gateway</html>", "", ""),
        (b"\xff\xfe\xfd", "", ""),
        (b"[" * 100_000, "", ""),
        (b"9" * 5000, "", ""),
    ],
)
def test_code_and_message(sent: bytes, code: str, message: str) -> None:
    assert parse_error_body(sent) == (code, message)


def test_a_message_is_cut() -> None:
    code, message = parse_error_body(body("Long", "x" * 10_000))
    assert (code, message) == ("Long", "x" * MESSAGE_LIMIT)


@quick
@given(json_values | st.builds(lambda inner: {"error": {"message": json.dumps(inner), "code": inner}}, json_values))
def test_no_json_makes_it_raise(value: Any) -> None:
    code, message = parse_error_body(json.dumps(value).encode())
    assert isinstance(code, str)
    assert len(message) <= MESSAGE_LIMIT


@quick
@given(st.binary())
def test_no_bytes_make_it_raise(sent: bytes) -> None:
    assert parse_error_body(sent) == ("", "")
