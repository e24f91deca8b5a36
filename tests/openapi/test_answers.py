"""The check of real answers lets no wrong answer through."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from alert_refresh.problems import PREFIX
from tests.support.openapi_answers import AnswerValidator
from triggers.get_openapi import read_document

type Answer = tuple[str, str, int, Mapping[str, str], bytes]

DOCUMENT = read_document()
CHECK = AnswerValidator(DOCUMENT).check
RUN_ID = "0d4c1f7e-53b4-5c9e-8a11-9c7f6b6f2f0e"
RUN, RESULT = f"/api/runs/{RUN_ID}", f"/api/runs/{RUN_ID}/result"
OUTCOME = DOCUMENT["components"]["responses"]["Outcome"]["content"]["application/json"]["examples"]["oneAlert"]["value"]
RUN_DOCUMENT = DOCUMENT["components"]["responses"]["GoingOn"]["content"]["application/json"]["example"]
JSON = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
PROBLEM_JSON = {"Content-Type": "application/problem+json"}
HTML = {"Content-Type": "text/html", "Cache-Control": "no-store"}
GOING_ON = {**JSON, "Location": f"https://app.example{RESULT}", "Retry-After": "2"}


def dump(body: Any) -> bytes:
    return json.dumps(body).encode()


def problem(name: str, status: int) -> bytes:
    return dump({"type": f"{PREFIX}{name}", "title": "x", "status": status, "detail": "x"})


@pytest.mark.parametrize(
    "answer",
    [
        ("GET", RESULT, 200, JSON, dump(OUTCOME)),
        ("get", f"{RESULT.upper()}/?code=key", 200, JSON, dump(OUTCOME)),
        ("POST", "/api/runs", 202, GOING_ON, dump(RUN_DOCUMENT)),
        ("GET", RUN, 200, HTML, "<p>ä</p>".encode()),
        ("GET", RUN, 404, PROBLEM_JSON, problem("run-not-found", 404)),
        ("DELETE", RUN, 202, {}, b""),
        ("GET", RUN, 401, {}, b""),
        ("GET", "/api/other", 404, PROBLEM_JSON, problem("no-such-route", 404)),
    ],
)
def test_a_declared_answer_passes(answer: Answer) -> None:
    CHECK(*answer)


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        (("GET", RUN, 200, JSON, dump({**RUN_DOCUMENT, "state": "waiting"})), "body/state: 'waiting' is not one of"),
        (("GET", RUN, 200, JSON, dump({**RUN_DOCUMENT, "surprise": 1})), "'surprise' was unexpected"),
        (("GET", RUN, 200, JSON, b"{"), "body: is not application/json"),
        (("GET", RESULT, 200, HTML, b"<p>"), "does not declare the media type 'text/html'"),
        (("GET", RUN, 404, PROBLEM_JSON, problem("run-not-found", 410)), "body/status: 404 was expected"),
        (("GET", RUN, 500, {}, b""), "declares only 200, 401, 404, 503"),
        (("DELETE", RUN, 202, JSON, b"{}"), "declares no body"),
        (("GET", f"{RUN}/other", 200, JSON, b"{}"), "no such path and method"),
        (("PUT", RUN, 404, PROBLEM_JSON, problem("run-not-found", 404)), "body/type: "),
        (("GET", RUN, 200, {**JSON, "Cache-Control": "x"}, dump(RUN_DOCUMENT)), "header Cache-Control: 'no-store'"),
        (("GET", RESULT, 202, JSON, dump(RUN_DOCUMENT)), "header Location: is missing"),
        (("GET", RESULT, 202, {**GOING_ON, "Retry-After": "0"}, dump(RUN_DOCUMENT)), "header Retry-After: 0 is less"),
    ],
)
def test_any_other_answer_fails_with_its_place(answer: Answer, place: str) -> None:
    with pytest.raises(AssertionError) as raised:
        CHECK(*answer)

    assert str(raised.value).startswith(f"{answer[0]} {answer[1]} answered {answer[2]}: ")
    assert place in str(raised.value)
