"""Who gets a page, and what is sent with it."""

import json
from typing import Any

import azure.functions as func
import pytest
from triggers.page_answers import answers_people, list_answer, prefers_page
from triggers.task_hub import RunNotFound

from tests.triggers.questions import request

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("TEXT/HTML", True),
        ("text/*", True),
        ("text/html, application/json;q=0.9", True),
        ("*/*;q=0.1, text/html;q=0.2", True),
        (None, False),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/json, text/html", False),
        ("application/problem+json, text/html", False),
        ("text/html;q=0.5, application/json", False),
        ("text/html;q=0", False),
        ("text/html;q=0, */*", False),
        ("application/*, text/html", False),
        ("text/plain", False),
        ("html", False),
        ("text/html;q=much", False),
        (";;;,,,/", False),
        ("application/json, text/javascript, */*; q=0.01", False),
    ],
)
def test_a_page_is_for_who_prefers_html(accept: str | None, page: bool) -> None:  # noqa: FBT001 - a table's column
    assert prefers_page(request(headers={} if accept is None else {"Accept": accept})) is page


@answers_people
async def lost(req: func.HttpRequest) -> func.HttpResponse:
    assert req.method
    raise RunNotFound("<b>1</b>")


async def test_a_problem_is_a_page_where_one_is_wanted() -> None:
    answer = await lost(request(headers={"Accept": BROWSER}))
    assert (answer.status_code, answer.mimetype, answer.headers["Vary"]) == (404, "text/html", "Accept")
    assert "No run has the id &lt;b&gt;1&lt;/b&gt;. It may have been purged." in answer.get_body().decode()


async def test_a_problem_is_json_otherwise() -> None:
    answer = await lost(request())
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.headers["Vary"] == "Accept"
    assert json.loads(answer.get_body())["status"] == 404


def test_a_page_stays_in_no_cache_and_tells_nobody_where_it_was() -> None:
    sent = list_answer(request(headers={"Accept": BROWSER}), {"value": [], "nextLink": None}).headers
    assert sent["Cache-Control"] == "no-store"
    assert sent["Referrer-Policy"] == "no-referrer"
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert sent["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "Refresh" not in sent


@pytest.mark.parametrize(("query", "link"), [({"code": "a&b"}, "runs?code=a%26b"), ({}, "runs")])
async def test_the_way_back_holds_the_key_of_who_used_it(query: dict[str, str], link: str) -> None:
    answer = await lost(request(query=query, headers={"Accept": BROWSER, "x-functions-key": "secret"}))
    html: Any = answer.get_body().decode()
    assert f'href="https://app.example/api/{link}"' in html
    assert "secret" not in html
