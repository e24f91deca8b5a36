"""What every answer has: links that the caller can follow, a time to come back, and problems in place of errors."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import azure.functions as func
import pytest

from alert_refresh.hub.client import HubUnavailable, InstanceExists, MessageTooLarge, RunNotFound, RunOver
from alert_refresh.run.documents import Instance, make_custom_status
from alert_refresh.run.state import Run
from alert_refresh.settings import InvalidSettings
from alert_refresh.web.page_responses import answer_list_page, answer_people
from alert_refresh.web.requests import (
    BodyTooLarge,
    InvalidRequest,
    MediaTypeUnsupported,
    prefers_page,
    read_preferred_wait,
)
from alert_refresh.web.responses import answer_accepted, answer_json, answer_problems, make_links
from tests.support.graph_samples import RUN_ID, make_sample_run
from tests.web.http import NOW, RUNS, read_problem, request

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("url", "runs"),
    [
        (RUNS, RUNS),
        (f"{RUNS}/", RUNS),
        (f"{RUNS}/{RUN_ID}", RUNS),
        (f"{RUNS}/{RUN_ID}/result", RUNS),
        (f"{RUNS}/runs", RUNS),
        (f"{RUNS}/runs/result", RUNS),
        (f"{RUNS}?operationId=/runs/x", RUNS),
        ("https://app.example/api/Runs", RUNS),
        ("https://app.example/runs/api/runs", "https://app.example/runs/api/runs"),
        ("http://[::1]:7071/v2/pim/runs", "http://[::1]:7071/v2/pim/runs"),
    ],
)
def test_links_have_the_origin_and_the_prefix_of_the_request(url: str, runs: str) -> None:
    run = f"{runs}/{RUN_ID}"
    assert make_links(request(url=url), RUN_ID) == {"self": run, "result": f"{run}/result", "cancel": run}


def test_links_begin_with_the_public_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://gateway.example/pim/")
    # Another setting that is wrong does not lead callers past the gateway.
    monkeypatch.setenv("POLL_MIN_SECONDS", "often")
    links = make_links(request(url=f"{RUNS}/{RUN_ID}", query={"code": "key"}), RUN_ID)
    assert links["result"] == f"https://gateway.example/pim/runs/{RUN_ID}/result?code=key"


def test_forwarded_headers_do_not_move_the_links() -> None:
    headers = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
        "X-Original-URL": "/evil/runs",
        "Forwarded": "host=evil.example;proto=http",
    }
    assert make_links(request(headers=headers), RUN_ID) == make_links(request(), RUN_ID)


@pytest.mark.parametrize("code", ["key", "a+b/c==", "a&b=c#d?e", "é %"])
def test_a_key_in_the_query_is_in_every_link(code: str) -> None:
    for link in map(str, make_links(request(query={"code": code}), RUN_ID).values()):
        assert parse_qs(urlsplit(link).query, strict_parsing=True) == {"code": [code]}


@pytest.mark.parametrize("query", [{}, {"code": ""}, {"clientId": "default"}])
def test_without_a_key_in_the_query_no_link_has_one(query: dict[str, str]) -> None:
    links = make_links(request(query=query, headers={"x-functions-key": "s3cret"}), RUN_ID)
    assert not any("?" in link or "s3cret" in link for link in map(str, links.values()))


def make_instance(run: Run, next_poll: float | None = None) -> Instance:
    planned = None if next_poll is None else (NOW + timedelta(seconds=next_poll)).isoformat()
    return Instance(RUN_ID, "RUNNING", run, {**make_custom_status(run), "nextPollAt": planned}, None, NOW)


@pytest.mark.parametrize(
    ("next_poll", "seconds_left", "retry_after"),
    [
        (30.0, 3600, "30"),
        (29.001, 3600, "30"),
        (0.4, 3600, "1"),
        (-5.0, 3600, "1"),
        (None, 3600, "2"),
        (30.0, 7.5, "8"),
        (30.0, 0, "1"),
        (None, 1, "1"),
    ],
)
def test_a_caller_learns_where_and_when_to_ask_again(
    next_poll: float | None, seconds_left: float, retry_after: str
) -> None:
    instance = make_instance(make_sample_run(NOW, seconds=seconds_left), next_poll)
    answer = answer_accepted(request(query={"code": "key"}), instance, None, NOW)

    assert (answer.status_code, answer.headers["Retry-After"]) == (202, retry_after)
    assert answer.headers["Location"] == f"{RUNS}/{RUN_ID}/result?code=key"
    assert json.loads(answer.get_body())["links"]["result"] == answer.headers["Location"]


def test_of_a_callback_url_only_the_host_is_shown() -> None:
    run = make_sample_run(NOW, callback_url="https://prod-00.westeurope.logic.azure.com/w?sig=s3cret")
    body = answer_accepted(request(), make_instance(run), None, NOW).get_body().decode()
    assert json.loads(body)["callback"]["host"] == "prod-00.westeurope.logic.azure.com"
    assert "s3cret" not in body


def test_json_survives_whatever_graph_sends() -> None:
    answer = answer_json(200, {"a": "ñ漢😀\ud800"})
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert json.loads(answer.get_body()) == {"a": "ñ漢😀\ud800"}
    assert PRIVATE.items() <= dict(answer.headers).items()


FAULTS = [{"field": "select", "detail": "must be a name"}]
ERRORS: list[tuple[Exception, int, str, str]] = [
    (InvalidRequest(FAULTS), 400, "invalid-request", "Nothing was started: select must be a name."),
    (InvalidRequest(FAULTS, starts=False), 400, "invalid-request", "select must be a name."),
    (InvalidSettings(FAULTS), 503, "invalid-settings", "select must be a name. Correct the application setting."),
    (BodyTooLarge("It is large"), 413, "body-too-large", "Nothing was started. It is large."),
    (MediaTypeUnsupported("Send JSON"), 415, "media-type-unsupported", "Nothing was started. Send JSON."),
    (RunNotFound("run-7"), 404, "run-not-found", "No run has the id run-7."),
    (RunOver(), 410, "run-over", "There is nothing to cancel."),
    (HubUnavailable("UNAVAILABLE"), 503, "task-hub-unavailable", "Try again."),
    (MessageTooLarge("RESOURCE_EXHAUSTED"), 503, "task-hub-unavailable", "Try again."),
    (InstanceExists("ALREADY_EXISTS"), 503, "task-hub-unavailable", "Try again."),
]


def fail_with(error: Exception) -> Any:
    async def trigger(req: func.HttpRequest) -> func.HttpResponse:
        assert req.method
        raise error

    return trigger


@pytest.mark.parametrize(("error", "status", "name", "detail"), ERRORS)
async def test_an_expected_error_is_a_problem(error: Exception, status: int, name: str, detail: str) -> None:
    answer = await answer_problems(fail_with(error))(request())

    assert read_problem(answer)[:2] == (status, name)
    assert read_problem(answer)[2].startswith(detail)
    assert json.loads(answer.get_body()).get("errors") == getattr(error, "errors", None)
    assert answer.headers.get("Retry-After") == ("10" if name == "task-hub-unavailable" else None)
    assert PRIVATE.items() <= dict(answer.headers).items()


async def test_a_bug_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        await answer_problems(fail_with(ZeroDivisionError()))(request())


@pytest.mark.parametrize(("query", "link"), [({"code": "a&b"}, "runs?code=a%26b"), ({}, "runs")])
async def test_a_problem_is_a_page_for_a_browser(query: dict[str, str], link: str) -> None:
    headers = {**BROWSER, "x-functions-key": "s3cret"}
    answer = await answer_people(fail_with(RunNotFound("<b>1</b>")))(request(query=query, headers=headers))
    html = answer.get_body().decode()

    assert (answer.status_code, answer.mimetype, answer.headers["Vary"]) == (404, "text/html", "Accept")
    assert "No run has the id &lt;b&gt;1&lt;/b&gt;. It may have been purged." in html
    assert f'href="https://app.example/api/{link}"' in html
    assert "s3cret" not in html


async def test_a_page_says_when_to_ask_the_hub_again() -> None:
    answer = await answer_people(fail_with(HubUnavailable("UNAVAILABLE")))(request(headers=BROWSER))
    assert (answer.status_code, answer.mimetype, answer.headers["Retry-After"]) == (503, "text/html", "10")


async def test_the_page_of_invalid_settings_is_shown_even_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "nonsense")
    answer = await answer_people(fail_with(InvalidSettings(FAULTS)))(request(headers=BROWSER))
    assert f'href="{RUNS}"' in answer.get_body().decode()


async def test_a_problem_is_json_for_everybody_else() -> None:
    answer = await answer_people(fail_with(RunNotFound("x")))(request())
    assert (read_problem(answer)[0], answer.headers["Vary"]) == (404, "Accept")


def test_a_page_is_kept_in_no_cache_and_is_no_referrer() -> None:
    headers = answer_list_page(request(headers=BROWSER), {"value": [], "nextLink": None}, NOW).headers
    assert PRIVATE.items() <= dict(headers).items()
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "Refresh" not in headers


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        (BROWSER["Accept"], True),
        ("TEXT/HTML", True),
        ("text/html, application/json;q=0.9", True),
        (None, False),
        ("", False),
        ("*/*", False),
        ("application/json, text/html", False),
        ("application/problem+json, text/html", False),
        ("text/html;q=0", False),
        ("application/*, text/html", False),
        ("html", False),
        ("text/html;q=much", False),
        (";;;,,,/", False),
    ],
)
def test_a_page_is_for_who_prefers_html(accept: str | None, *, page: bool) -> None:
    assert prefers_page(request(headers={} if accept is None else {"Accept": accept})) is page


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("respond-async, wait=10", 10),
        ("Wait = 10 ; x=1, respond-async", 10),
        ('wait="10"', 10),
        ("wait=3600", 60),
        ("wait=0", 0),
        ("respond-async", 0),
        ("wait=-1", 0),
        ("wait=1.5", 0),
        ("await=10", 0),
        ("wait=99999999999999999999", 0),
    ],
)
def test_how_long_a_caller_prefers_to_wait(header: str, seconds: int) -> None:
    assert read_preferred_wait(request(headers={"Prefer": header})) == seconds
