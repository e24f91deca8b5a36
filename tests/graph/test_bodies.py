"""What the body of an answer says."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_refresh.graph.client import DEEPEST, parse_object
from alert_refresh.graph.errors import LONGEST_CODE, LONGEST_MESSAGE, AnswerUnreadable, parse_error
from tests.support.generated import json_values, quick

MISSING = {
    "errorCode": "PermissionScopeNotGranted",
    "message": "Authorization failed due to missing permission scope RoleManagementAlert.Read.Directory.",
    "instanceAnnotations": [],
}


@quick
@given(st.dictionaries(st.text(), json_values))
def test_every_json_object_is_read_as_it_is(value: dict[str, Any]) -> None:
    assert parse_object(json.dumps(value).encode()) == value
    assert parse_object(b"\xef\xbb\xbf" + json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b" ", b"<!DOCTYPE html><title>Sign in</title>", b'{"a": 1', b'{"a": 1}}', b"{'a': 1}"),
        *(b"[]", b'[{"a": 1}]', b'"text"', b"1", b"null", b'{"a": "\xff"}', b'{"a": "\xed\xa0\x80"}'),
        *(b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}', b'{"a": 1e999}', b'{"a": [-1e999]}'),
        *(b"[" * 200_000, b'{"a": ' * 200_000, b'{"a": ' + b"9" * 5000 + b"}"),
    ],
    ids=lambda body: body[:20].decode(errors="replace"),
)
def test_what_is_not_a_json_object_to_every_parser_is_unreadable(body: bytes) -> None:
    with pytest.raises(AnswerUnreadable, match=r"^the answer is not (a )?JSON"):
        parse_object(body)


def test_an_answer_has_a_greatest_depth() -> None:
    def nest(levels: int) -> bytes:
        return b'{"a": ' * levels + b"1" + b"}" * levels

    assert parse_object(nest(DEEPEST))
    with pytest.raises(AnswerUnreadable, match="levels"):
        parse_object(nest(DEEPEST + 1))


def test_half_of_a_surrogate_pair_is_replaced_and_a_whole_one_kept() -> None:
    body = rb'{"a": ["\ud83d\ude00", "\uD800x", {"\udfff": "\\ud800"}]}'
    assert parse_object(body) == {"a": ["😀", "?x", {"?": "\\ud800"}]}


def make_body(code: Any, message: Any) -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (make_body("Forbidden", "No."), "Forbidden", "No."),
        (make_body("UnknownError", json.dumps(MISSING)), MISSING["errorCode"], MISSING["message"]),
        (make_body("UnknownError", json.dumps({"errorCode": "", "message": "Text."})), "UnknownError", "Text."),
        (make_body("UnknownError", json.dumps({"errorCode": "Deep"})), "Deep", '{"errorCode": "Deep"}'),
        (make_body("UnknownError", "{}"), "UnknownError", "{}"),
        (make_body("UnknownError", "{broken"), "UnknownError", "{broken"),
        (make_body(" Padded ", " Padded. "), "Padded", "Padded."),
        (make_body("\ud800", "Half a \udfff pair."), "?", "Half a ? pair."),
        (make_body("Long", "x" * 10_000), "Long", "x" * LONGEST_MESSAGE),
        (make_body("x" * 10_000, "Long"), "x" * LONGEST_CODE, "Long"),
        (make_body(None, None), "", ""),
        (make_body(403, ["No."]), "", ""),
        (b'{"error":"invalid_request","error_description":"No such tenant."}', "invalid_request", "No such tenant."),
        (b'{"error": "invalid_grant"}', "invalid_grant", ""),
        (b'{"error": null}', "", ""),
        (b"[]", "", ""),
        (b"", "", ""),
        (b"<html>502 Bad Gateway</html>", "", ""),
        (b"\xff\xfe\xfd", "", ""),
        (b"[" * 100_000, "", ""),
        (b"9" * 5000, "", ""),
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
