"""What every answer has: links that the caller can follow, a time to come back, and problems in place of errors."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import azure.functions as func
import pytest

from alert_refresh.hub.client import HubError, RunNotFound, RunOver
from alert_refresh.problems import Refused, make_problem
from alert_refresh.run.documents import Instance, make_custom_status
from alert_refresh.settings import InvalidSettings
from alert_refresh.web.requests import prefers_page, read_preferred_wait, refuse_faults
from alert_refresh.web.responses import answer_accepted, answer_json, answer_people, answer_problems, make_links
from tests.support.graph_samples import RUN_ID, make_sample_run
from tests.web.http import NOW, PRIVATE, RUNS, read_problem, request

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("url", "runs"),
    [
        (RUNS, RUNS),
        (f"{RUNS}/", RUNS),
        (f"{RUNS}/{RUN_ID}", RUNS),
        (f"{RUNS}/{RUN_ID}/result", RUNS),
        (f"{RUNS}/runs/result", RUNS),
        (f"{RUNS}?operationId=/runs/x", RUNS),
        ("https://app.example/api/Runs", RUNS),
        ("https://app.example/runs/api/runs", "https://app.example/runs/api/runs"),
        ("http://[::1]:7071/v2/pim/runs", "http://[::1]:7071/v2/pim/runs"),
    ],
)
def test_links_have_the_origin_and_the_prefix_of_the_request_and_no_key_of_a_header(url: str, runs: str) -> None:
    forwarded = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Forwarded": "host=evil.example"}
    headers = {**forwarded, "Host": "evil.example", "X-Original-URL": "/evil/runs", "x-functions-key": "s3cret"}
    run, links = f"{runs}/{RUN_ID}", make_links(request(url=url, headers=headers), RUN_ID)
    assert links == {"self": run, "result": f"{run}/result", "cancel": run}


def test_links_begin_with_the_public_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://gateway.example/pim/")
    # Another setting that is wrong does not lead callers past the gateway.
    monkeypatch.setenv("POLL_MIN_SECONDS", "often")
    links = make_links(request(url=f"{RUNS}/{RUN_ID}", query={"code": "key"}), RUN_ID)
    assert links["result"] == f"https://gateway.example/pim/runs/{RUN_ID}/result?code=key"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        *(({"code": code}, {"code": [code]}) for code in ("key", "a+b/c==", "a&b=c#d?e", "é %")),
        *(({"code": ""}, {}), ({"clientId": "default"}, {}), ({"CODE": "key"}, {"code": ["key"]})),
    ],
)
def test_the_key_of_the_query_alone_is_in_every_link(query: dict[str, str], code: dict[str, list[str]]) -> None:
    for link in map(str, make_links(request(query=query), RUN_ID).values()):
        assert parse_qs(urlsplit(link).query, strict_parsing=bool(code)) == code
        assert code or "?" not in link
    # The host looks at the parameter only when there is no header.
    for link in map(str, make_links(request(query=query, headers={"x-functions-key": "other"}), RUN_ID).values()):
        assert "?" not in link


def make_instance(next_poll: float | None = None, **changes: Any) -> Instance:
    run = make_sample_run(NOW, **changes)
    planned = None if next_poll is None else (NOW + timedelta(seconds=next_poll)).isoformat()
    return Instance(RUN_ID, "RUNNING", run, {**make_custom_status(run), "nextPollAt": planned}, None, NOW)


@pytest.mark.parametrize(
    ("next_poll", "seconds_left", "retry_after"),
    [
        *((30.0, 3600, "30"), (29.001, 3600, "30"), (0.4, 3600, "1"), (-5.0, 3600, "1"), (None, 3600, "2")),
        *((30.0, 7.5, "8"), (30.0, 0, "1"), (None, 1, "1")),
    ],
)
def test_a_caller_learns_where_and_when_to_ask_again(
    next_poll: float | None, seconds_left: float, retry_after: str
) -> None:
    instance = make_instance(next_poll, seconds=seconds_left)
    answer = answer_accepted(request(query={"code": "key"}), instance, None, NOW)

    assert (answer.status_code, answer.headers["Retry-After"]) == (202, retry_after)
    assert answer.headers["Location"] == f"{RUNS}/{RUN_ID}/result?code=key"
    assert json.loads(answer.get_body())["links"]["result"] == answer.headers["Location"]


def test_of_a_callback_url_only_the_host_is_shown() -> None:
    instance = make_instance(callback_url="https://prod-00.westeurope.logic.azure.com/w?sig=s3cret")
    body = answer_accepted(request(), instance, None, NOW).get_body().decode()
    assert json.loads(body)["callback"]["host"] == "prod-00.westeurope.logic.azure.com"
    assert "s3cret" not in body


def test_json_survives_whatever_graph_sends() -> None:
    answer = answer_json(200, {"a": "ñ漢😀\ud800"})
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert json.loads(answer.get_body()) == {"a": "ñ漢😀\ud800"}
    assert PRIVATE.items() <= dict(answer.headers).items()


FAULTS = [{"field": "select", "detail": "must be a name"}]
ERRORS: list[tuple[Exception, int, str, str]] = [
    (refuse_faults(FAULTS), 400, "invalid-request", "Nothing was started: select must be a name."),
    (refuse_faults(FAULTS, starts=False), 400, "invalid-request", "select must be a name."),
    (InvalidSettings(FAULTS), 503, "invalid-settings", "select must be a name. Correct the application setting."),
    (Refused(make_problem("body-too-large", "It is large.")), 413, "body-too-large", "It is large."),
    (RunNotFound("run-7"), 404, "run-not-found", "No run has the id run-7."),
    (RunOver(), 410, "run-over", "There is nothing to cancel."),
    (HubError("UNAVAILABLE"), 503, "task-hub-unavailable", "Try again."),
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
    assert json.loads(answer.get_body()).get("errors") == (FAULTS if name.startswith("invalid") else None)
    assert answer.headers.get("Retry-After") == ("10" if name == "task-hub-unavailable" else None)
    assert PRIVATE.items() <= dict(answer.headers).items()


async def test_a_bug_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        await answer_problems(fail_with(ZeroDivisionError()))(request())


@pytest.mark.parametrize(("query", "link"), [({"code": "a&b"}, "runs?code=a%26b"), ({}, "runs")])
async def test_a_problem_is_a_page_for_a_browser(query: dict[str, str], link: str) -> None:
    headers = BROWSER if query else {**BROWSER, "x-functions-key": "s3cret"}
    answer = await answer_people(fail_with(RunNotFound("<b>1</b>")))(request(query=query, headers=headers))
    html = answer.get_body().decode()

    assert (answer.status_code, answer.mimetype, answer.headers["Vary"]) == (404, "text/html", "Accept")
    assert PRIVATE.items() <= dict(answer.headers).items()
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "No run has the id &lt;b&gt;1&lt;/b&gt;. It may have been purged." in html
    assert f'href="https://app.example/api/{link}"' in html
    assert "s3cret" not in html


async def test_the_page_of_a_fault_of_the_app_is_shown_even_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "nonsense")
    settings = await answer_people(fail_with(InvalidSettings(FAULTS)))(request(headers=BROWSER))
    hub = await answer_people(fail_with(HubError("UNAVAILABLE")))(request(headers=BROWSER))
    assert f'href="{RUNS}"' in settings.get_body().decode()
    assert (hub.status_code, hub.mimetype, hub.headers["Retry-After"]) == (503, "text/html", "10")


JSON_FIRST = ["application/json, text/html", "application/problem+json, text/html", "application/*, text/html"]


@pytest.mark.parametrize(
    ("accepts", "page"),
    [
        ([BROWSER["Accept"], "TEXT/HTML", "text/html, application/json;q=0.9"], True),
        (["", "*/*", "html", ";;;,,,/", "text/html;q=0", "text/html;q=much", *JSON_FIRST], False),
    ],
)
def test_a_page_is_for_who_prefers_html(accepts: list[str], *, page: bool) -> None:
    assert {prefers_page(request(headers={"Accept": accept})) for accept in accepts} == {page}
    assert not prefers_page(request())


@pytest.mark.parametrize(
    ("seconds", "headers"),
    [
        (10, ["respond-async, wait=10", "Wait = 10 ; x=1, respond-async", 'wait="10"']),
        (60, ["wait=3600"]),
        (0, ["wait=0", "respond-async", "wait=-1", "wait=1.5", "await=10", "wait=99999999999999999999"]),
    ],
)
def test_how_long_a_caller_prefers_to_wait(seconds: int, headers: list[str]) -> None:
    assert {read_preferred_wait(request(headers={"Prefer": header})) for header in headers} == {seconds}
