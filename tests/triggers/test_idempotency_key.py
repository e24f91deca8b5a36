"""`Idempotency-Key`: which keys are taken, and that one key is one run."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec.json import schema
from triggers.idempotency_key import IDEMPOTENCY_KEY, idempotency_key
from triggers.start_request import parse_start

from tests.triggers.questions import CHOSEN, NOW, faults, request

VISIBLE = "".join(map(chr, range(33, 127)))
DOCUMENTED = Draft202012Validator(schema(IDEMPOTENCY_KEY.type))


def run_of(key: str, **question: Any) -> str:
    body = json.dumps({"operationId": "x", **question}).encode()
    return parse_start(request(body, headers={"Idempotency-Key": key}), CHOSEN, NOW)[0]


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ('"8e03978e-40d5-43dd-bc93-6894a57f9324"', "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ("x", "x"),
        ('"a,b"', "a,b"),
        (r'"a\"b\\c"', 'a"b\\c'),
        (r"a\b", r"a\b"),
        ("'x'", "'x'"),
        ("x" * 255, "x" * 255),
        ('"' + "x" * 255 + '"', "x" * 255),
        (f'"{VISIBLE.replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34))}"', VISIBLE),
        (VISIBLE.replace('"', "").replace(",", ""), VISIBLE.replace('"', "").replace(",", "")),
    ],
)
def test_a_key_is_taken_in_quotes_and_without(header: str, key: str) -> None:
    assert idempotency_key(request(headers={"idempotency-key": header})) == key
    assert DOCUMENTED.is_valid(header)


def test_most_callers_send_none() -> None:
    assert idempotency_key(request()) is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        '""',
        " ",
        "a b",
        '"a b"',
        "a\tb",
        "a,b",
        '"a","b"',
        '"a", "b"',
        '"a";p=1',
        '"a',
        'a"',
        'a"b',
        '"a"b"',
        r'"a\"',
        r'"a\b"',
        "é",
        '"é"',
        "a\x7f",
        "a\u202e",
        "x" * 256,
        '"' + "x" * 256 + '"',
    ],
)
def test_a_key_that_is_none_is_a_fault_of_its_header(header: str) -> None:
    told = faults(request(b'{"operationId": "x"}', headers={"Idempotency-Key": header}))
    assert list(told) == ["Idempotency-Key"]
    assert "1 to 255 visible ASCII characters" in told["Idempotency-Key"]
    assert not DOCUMENTED.is_valid(header)


def test_a_bad_key_is_told_with_every_other_fault() -> None:
    told = faults(request(b'{"operationId": "a/b"}', headers={"Idempotency-Key": "a b"}))
    assert list(told) == ["operationId", "Idempotency-Key"]


def test_the_same_key_is_the_same_run() -> None:
    assert run_of("key") == run_of('"key"') == run_of("key", timeoutSeconds=60)
    assert len({run_of("key"), run_of("KEY"), run_of("key2")}) == 3
