"""HTTP answers: the URLs of a run, and every way to say no."""

import json
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import azure.functions as func
import pytest
from domain.custom_status import custom_status
from domain.instance import Instance
from domain.problem import PREFIX, problem
from domain.settings import InvalidSettings
from domain.timestamps import format_timestamp
from triggers.answers import answers_problems, json_answer, problem_answer, run_links
from triggers.run_answers import accepted, described
from triggers.start_request import InvalidRequest
from triggers.task_hub import RunNotFound, TaskHubUnavailable

from tests.support.graph_samples import asked
from tests.triggers.questions import NOW, request

RUN = "3f2504e0-4f89-51d3-9a0c-0305e82c3301"


@pytest.mark.parametrize(
    ("url", "runs"),
    [
        ("https://app.example/api/runs", "https://app.example/api/runs"),
        (f"https://app.example/api/runs/{RUN}", "https://app.example/api/runs"),
        (f"https://app.example/api/runs/{RUN}/result", "https://app.example/api/runs"),
        ("https://app.example/api/runs?operationId=/runs/x", "https://app.example/api/runs"),
        ("https://app.example/runs", "https://app.example/runs"),
        ("https://app.example/v2/pim/runs", "https://app.example/v2/pim/runs"),
        ("https://app.example/runs/api/runs", "https://app.example/runs/api/runs"),
        ("http://127.0.0.1:7071/api/runs", "http://127.0.0.1:7071/api/runs"),
        ("https://[::1]:7071/api/runs", "https://[::1]:7071/api/runs"),
    ],
)
def test_the_links_keep_the_origin_and_the_prefix(url: str, runs: str) -> None:
    assert run_links(request(url=url), RUN) == {
        "self": f"{runs}/{RUN}",
        "result": f"{runs}/{RUN}/result",
        "cancel": f"{runs}/{RUN}",
    }


@pytest.mark.parametrize("code", ["key", "a+b/c==", "a&b=c#d?e", "é %"])
def test_a_key_of_the_query_is_in_every_link(code: str) -> None:
    for link in map(str, run_links(request(query={"code": code}), RUN).values()):
        assert parse_qs(urlsplit(link).query, strict_parsing=True) == {"code": [code]}
        assert urlsplit(link).path.startswith(f"/api/runs/{RUN}")


@pytest.mark.parametrize("query", [{}, {"code": ""}, {"clientId": "default"}])
def test_without_a_key_in_the_query_no_link_has_one(query: dict[str, str]) -> None:
    links = run_links(request(query=query, headers={"x-functions-key": "secret"}), RUN)
    assert not any(urlsplit(link).query or "secret" in link for link in map(str, links.values()))


def test_forwarded_headers_do_not_move_the_links() -> None:
    headers = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
        "X-Original-URL": "/evil/runs",
        "X-Original-Host": "evil.example",
        "Forwarded": "host=evil.example;proto=http",
    }
    assert run_links(request(headers=headers), RUN) == run_links(request(), RUN)


def test_a_problem_is_its_own_status_and_media_type() -> None:
    why = problem("run-not-found", "Gone — or never there.")
    answer = problem_answer(why)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert json.loads(answer.get_body()) == why


def test_json_survives_whatever_graph_sent() -> None:
    answer = json_answer(200, {"a": "ñ漢😀\ud800"}, headers={"Location": "x"})
    assert (answer.status_code, answer.mimetype, answer.headers["Location"]) == (200, "application/json", "x")
    assert json.loads(answer.get_body()) == {"a": "ñ漢😀\ud800"}


def instance(**changes: Any) -> Instance:
    run = asked(NOW, **changes)
    return Instance(RUN, "RUNNING", run, custom_status(run), None, NOW)


@pytest.mark.parametrize(
    ("after", "seconds"), [(30.0, "30"), (29.001, "30"), (0.4, "1"), (0.0, "1"), (-5.0, "1"), (None, "2")]
)
def test_a_caller_is_told_where_and_when_to_look_again(after: float | None, seconds: str) -> None:
    planned = None if after is None else format_timestamp(NOW + timedelta(seconds=after))
    answer = accepted(request(query={"code": "key"}), instance(nextPollAt=planned), None, NOW)
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"https://app.example/api/runs/{RUN}/result?code=key"
    assert answer.headers["Retry-After"] == seconds
    document = json.loads(answer.get_body())
    assert (document["id"], document["nextPollAt"]) == (RUN, planned)


@pytest.mark.parametrize(("left", "seconds"), [(7.5, "8"), (1.2, "2"), (0.0, "1"), (-60.0, "1")])
@pytest.mark.parametrize("planned", [30.0, None])
def test_a_caller_is_not_told_to_look_again_after_the_deadline(
    left: float, seconds: str, planned: float | None
) -> None:
    following = planned and format_timestamp(NOW + timedelta(seconds=planned))
    run = instance(nextPollAt=following, deadline=format_timestamp(NOW + timedelta(seconds=left)))
    told = accepted(request(), run, None, NOW).headers["Retry-After"]
    assert told == (seconds if planned or left < 2 else "2")


def test_a_run_that_is_over_is_not_waited_for() -> None:
    over = replace(instance(), status="COMPLETED")
    assert accepted(request(), over, None, NOW).headers["Retry-After"] == "1"


def test_a_run_is_described_with_its_links() -> None:
    answer = described(request(), instance(phase="fetching"), None)
    assert answer.status_code == 200
    document = json.loads(answer.get_body())
    assert document["state"] == "fetching"
    assert document["links"] == run_links(request(), RUN)


def raising(error: Exception) -> Any:
    @answers_problems
    async def trigger(req: func.HttpRequest) -> func.HttpResponse:
        assert req.method
        raise error

    return trigger


FAULTS = [{"field": "select", "detail": "must be OData property names"}]


@pytest.mark.parametrize(
    ("error", "status", "name", "said"),
    [
        (InvalidRequest(FAULTS), 400, "invalid-request", "Nothing was started: select must be OData property names."),
        (InvalidSettings(FAULTS), 503, "invalid-settings", "select must be OData property names."),
        (RunNotFound("run-7"), 404, "run-not-found", "No run has the id run-7."),
        (TaskHubUnavailable("StatusCode.UNAVAILABLE"), 503, "task-hub-unavailable", "StatusCode.UNAVAILABLE."),
    ],
)
async def test_what_a_trigger_raises_for_its_caller_is_a_problem(
    error: Exception, status: int, name: str, said: str
) -> None:
    answer = await raising(error)(request())
    why = json.loads(answer.get_body())
    assert (answer.status_code, why["status"], why["type"]) == (status, status, PREFIX + name)
    assert said in why["detail"]
    assert why.get("errors") == getattr(error, "errors", None)


async def test_a_bug_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        await raising(ZeroDivisionError())(request())


def test_times_of_a_document_are_in_utc() -> None:
    shown = json.loads(described(request(), instance(), None).get_body())
    assert datetime.fromisoformat(shown["updatedAt"]) == NOW.astimezone(UTC)
    assert shown["deadline"].endswith("Z")


def test_links_keep_the_prefix_of_a_route_in_another_spelling() -> None:
    called = func.HttpRequest("POST", "https://h/api/Runs", body=b"")
    assert run_links(called, "1")["self"] == "https://h/api/runs/1"
