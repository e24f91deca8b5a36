"""The check of real answers lets no wrong answer through."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from alert_refresh.problems import make_problem
from tests.support.openapi_answers import AnswerValidator
from triggers.get_openapi import read_document

DOCUMENT = read_document()
RUN_DOCUMENT = DOCUMENT["components"]["responses"]["GoingOn"]["content"]["application/json"]["example"]
RUN = f"/api/runs/{RUN_DOCUMENT['id']}"
JSON = {"Content-Type": "application/json", "Cache-Control": "no-store"}
PROBLEM_JSON = {"Content-Type": "application/problem+json"}
NO_RUN = make_problem("run-not-found", "x")


@pytest.mark.parametrize(
    ("asked", "headers", "body", "fault"),
    [
        (("GET", f"{RUN.upper()}/?code=key", 200), JSON, RUN_DOCUMENT, None),
        (("GET", RUN, 200), JSON, {**RUN_DOCUMENT, "state": "waiting"}, "body/state: 'waiting' is not one of"),
        (("GET", RUN, 200), {**JSON, "Content-Type": "text/css"}, {}, "does not declare the media type 'text/css'"),
        (("GET", RUN, 500), {}, {}, "declares only 200, 401, 404, 503"),
        (("DELETE", RUN, 202), JSON, {}, "declares no body"),
        (("GET", f"{RUN}/other", 200), JSON, {}, "no such path and method"),
        (("PUT", RUN, 404), PROBLEM_JSON, NO_RUN, "body/type: "),
        (("GET", RUN, 200), {**JSON, "Cache-Control": "x"}, RUN_DOCUMENT, "header Cache-Control: 'no-store'"),
        (("GET", f"{RUN}/result", 202), JSON, RUN_DOCUMENT, "header Location: is missing"),
    ],
)
def test_an_answer_that_is_not_declared_fails_with_its_place(
    asked: tuple[str, str, int], headers: Mapping[str, str], body: Any, fault: str | None
) -> None:
    check = AnswerValidator(DOCUMENT).check
    if fault is None:
        check(*asked, headers, json.dumps(body).encode())
        return
    with pytest.raises(AssertionError) as raised:
        check(*asked, headers, json.dumps(body).encode())
    assert str(raised.value).startswith("{} {} answered {}: ".format(*asked))
    assert fault in str(raised.value)
