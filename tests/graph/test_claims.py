"""The claims challenge of continuous access evaluation, read from the header."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.claims import parse_claims
from tests.domain.generated import quick

CLAIMS = json.dumps({"access_token": {"nbf": {"essential": True, "value": "1604106651"}}})
STANDARD = base64.b64encode(CLAIMS.encode()).decode()


def challenge(claims: str) -> str:
    return (
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
        f'client_id="00000003-0000-0000-c000-000000000000", error="insufficient_claims", claims="{claims}"'
    )


def test_the_documented_challenge_is_decoded() -> None:
    assert parse_claims(challenge(STANDARD)) == CLAIMS


@pytest.mark.parametrize("text", ["{}", '{"a":1}', '{"a":12}', '{"a":"???>>>"}', '{"a":"ÿÿÿ"}'])
def test_either_alphabet_with_or_without_padding(text: str) -> None:
    for encoded in (base64.b64encode(text.encode()), base64.urlsafe_b64encode(text.encode())):
        assert parse_claims(challenge(encoded.decode())) == text
        assert parse_claims(challenge(encoded.decode().rstrip("="))) == text


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        'Bearer realm=""',
        challenge(""),
        challenge("not base64!"),
        challenge("a"),
        challenge("/w=="),
        f'Bearer error_claims="{STANDARD}"',
        'Bearer claims="',
    ],
)
def test_no_challenge_or_garbage_demands_nothing(header: str | None) -> None:
    assert parse_claims(header) is None


@quick
@given(st.text() | st.text(alphabet="AZaz09+/=-_").map(challenge))
def test_a_header_gives_text_or_nothing_and_never_raises(header: str) -> None:
    assert isinstance(parse_claims(header), str | None)


@quick
@given(st.dictionaries(st.text(), st.text()))
def test_whatever_object_was_encoded_comes_back(claims: dict[str, str]) -> None:
    text = json.dumps(claims, ensure_ascii=False)
    assert parse_claims(challenge(base64.b64encode(text.encode()).decode())) == text


@pytest.mark.parametrize("text", ["", "hello", "1", "[]", "{", "[" * 100_000])
def test_claims_that_are_no_json_object_are_none(text: str) -> None:
    assert parse_claims(challenge(base64.b64encode(text.encode()).decode() or "====")) is None
