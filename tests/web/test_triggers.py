"""Whole requests: the functions of the app on a stub of the task hub."""

import asyncio
import json
import logging
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import azure.functions as func
import grpc
import pytest

from alert_refresh.hub.client import Client, call_hub, make_run_id
from alert_refresh.run.state import make_run
from tests.hub.stub import COMPLETED, FAILED, LIMIT, HubStub
from tests.support.graph_samples import RUN_ID, make_sample_run, make_wish
from tests.support.openapi_answers import AnswerValidator
from tests.web.http import PRIVATE, RUNS, call, read_problem, request, send
from triggers.cancel_run import cancel_run, cancel_run_form
from triggers.get_openapi import read_document
from triggers.get_run import get_run
from triggers.get_run_result import get_run_result
from triggers.list_runs import list_runs
from triggers.purge_runs import purge_runs
from triggers.start_run import start_run
from triggers.unknown_route import unknown_route

CHECK = AnswerValidator(read_document()).check

RUN = f"{RUNS}/{RUN_ID}"
WATCH = {"operationId": "x", "timeoutSeconds": 60}


def read(answer: func.HttpResponse) -> Any:
    assert PRIVATE.items() <= dict(answer.headers).items()
    return json.loads(answer.get_body())


def about_run(path: str = "", **headers: str) -> func.HttpRequest:
    return request(url=f"{RUNS}/{RUN_ID}{path}", headers=headers, id=RUN_ID)


@pytest.mark.parametrize("target", [{"alertId": "x"}, {"allAlerts": True}])
async def test_a_refresh_that_is_off_starts_nothing_and_names_the_setting(
    client: Client, stub: HubStub, target: dict[str, Any]
) -> None:
    status, name, detail = read_problem(await call(start_run, send(target), client))

    assert (status, name, stub.requests) == (403, "refresh-disabled", [])
    for word in ("Nothing was started", "REFRESH_ENABLED", "RoleManagementAlert.ReadWrite.Directory"):
        assert word in detail
    # What is wrong with the request comes first.
    assert read_problem(await call(start_run, send({**target, "timeoutSeconds": 0}), client))[0] == 400


@pytest.mark.parametrize("code", [None, grpc.StatusCode.UNAVAILABLE])
async def test_a_run_that_outlasts_the_wait_is_accepted_even_when_the_hub_has_gone_away(
    client: Client, stub: HubStub, code: grpc.StatusCode | None
) -> None:
    stub.refuse = lambda method: None if method == "start" else code
    answer = await call(start_run, send(WATCH, Prefer="wait=1"), client)
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (202, "wait=1")
    assert answer.headers["Location"] == f"{RUNS}/{read(answer)['id']}/result"


async def test_an_overdue_run_has_timed_out_everywhere(client: Client, stub: HubStub) -> None:
    stub.put(make_sample_run(datetime.now(UTC) - timedelta(hours=2)), custom_status={"phase": "polling"})
    result = await call(get_run_result, about_run("/result", Prefer="wait=60"), client)
    runs = read(await call(list_runs, request(query={"state": "timedOut"}), client))

    assert read_problem(result)[:2] == (424, "timed-out")
    assert read(await call(get_run, about_run(), client))["state"] == "timedOut"
    assert [(run["id"], run["state"]) for run in runs["value"]] == [(RUN_ID, "timedOut")]
    assert read(await call(list_runs, request(query={"state": "polling"}), client))["value"] == []
    assert read_problem(await call(cancel_run, about_run(), client))[:2] == (410, "run-over")


async def test_the_pages_of_a_list_lead_through_all_runs(
    client: Client, stub: HubStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, expected = datetime.now(UTC), list[str]()
    for number in range(7):
        run = make_run(make_run_id(f"run {number}"), make_wish(now - timedelta(hours=number**3)))
        stub.put(run, FAILED, output="x" * (2 * LIMIT if number == 2 else 1))
        expected.append(run.id)
    stub.put(make_run(make_run_id("another"), make_wish(now)), COMPLETED)
    monkeypatch.setenv("PUBLIC_URL", "https://gateway.example")
    pairs: Any = {"state": "failed", "pageSize": "3", "code": "a&b"}
    link = request(query=pairs).url
    found = []
    while link:
        answer = await call(list_runs, func.HttpRequest("GET", link, params={"code": "a&b"}, body=b""), client)
        headers = {**answer.headers, "Content-Type": answer.mimetype}
        CHECK("GET", "/api/runs", answer.status_code, headers, answer.get_body())
        page = read(answer)
        found += [(run["id"], run["state"]) for run in page["value"]]
        link = page["nextLink"]
        beginning = "https://gateway.example/runs?code=a%26b&state=failed&pageSize=3&continuationToken="
        assert link is None or link.startswith(beginning)

    assert [run_id for run_id, _ in found] == expected
    assert [state for _, state in found] == ["failed", "failed", "unreadable", *["failed"] * 4]


CALLS = {
    "start": (start_run, send(WATCH)),
    "start with a key": (start_run, send(WATCH, Idempotency_Key="k")),
    "get": (get_run, about_run()),
    "result": (get_run_result, about_run("/result")),
    "cancel": (cancel_run, about_run()),
    "cancel by a form": (cancel_run_form, about_run()),
    "list": (list_runs, request()),
}


@pytest.mark.parametrize(("trigger", "sent"), CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
async def test_every_failure_of_the_hub_is_a_problem_and_never_a_bare_500(
    client: Client, stub: HubStub, code: grpc.StatusCode, trigger: Any, sent: func.HttpRequest
) -> None:
    stub.put(make_sample_run(datetime.now(UTC)))
    stub.refuse = lambda _: code
    answer = await call(trigger, sent, client)
    status, name, _ = read_problem(answer)

    if (code, status, name) != (grpc.StatusCode.NOT_FOUND, 404, "run-not-found"):
        assert (status, name, answer.headers["Retry-After"]) == (503, "task-hub-unavailable", "10")


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CHANGES = {
    "start": (start_run, RUNS),
    "cancel": (cancel_run, RUN),
    "cancel by a form": (cancel_run_form, f"{RUN}/cancel"),
}
FOREIGN: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "SAME-ORIGIN"},
    {"Sec-Fetch-Site": "same-origin,cross-site"},
    {"Sec-Fetch-Site": ""},
    {**FORM, "Sec-Fetch-Site": "cross-site"},
    {**FORM, "Sec-Fetch-Site": "none, cross-site"},
]
OLD_BROWSER: list[dict[str, str]] = [
    FORM,
    {**FORM, "Sec-Fetch-Site": "none"},
    {"Content-Type": "Application/X-WWW-Form-Urlencoded; charset=utf-8"},
    {"Content-Type": "text/plain"},
    {},
]
"""What a browser without Sec-Fetch-Site can be made to send: it knows no JSON and no DELETE then."""


def change(trigger: Any, url: str, headers: dict[str, str]) -> func.HttpRequest:
    """Return a request that changes something, unless its headers are refused."""
    is_form = headers.get("Content-Type", "").lower().startswith(FORM["Content-Type"])
    body = b"operationId=x" if is_form else b'{"operationId": "x"}'
    method = "DELETE" if trigger is cancel_run else "POST"
    return request(body if trigger is start_run else b"", url=url, headers=headers, method=method, id=RUN_ID)


@pytest.mark.parametrize(("trigger", "url"), CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_another_site_changes_nothing(
    client: Client, stub: HubStub, headers: dict[str, str], trigger: Any, url: str
) -> None:
    stub.put(make_sample_run(datetime.now(UTC)))
    status, name, detail = read_problem(await call(trigger, change(trigger, url, headers), client))

    assert (status, name, stub.requests) == (403, "cross-site-request", [])
    for words in ("Nothing was changed", "the button", "application/json"):
        assert words in detail


@pytest.mark.parametrize("trigger", ["start", "cancel by a form"])
@pytest.mark.parametrize("headers", OLD_BROWSER, ids=str)
async def test_who_has_signed_in_with_an_old_browser_sends_nothing_for_another_site(
    client: Client, stub: HubStub, headers: dict[str, str], trigger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.put(make_sample_run(datetime.now(UTC)))
    function, url = CHANGES[trigger]
    monkeypatch.setenv("AUTH_MODE", "entra")
    monkeypatch.setenv("WEBSITE_AUTH_ENABLED", "True")
    status, name, _ = read_problem(await call(function, change(function, url, headers), client))
    assert (status, name, stub.requests) == (403, "cross-site-request", [])

    script = change(function, url, {"Content-Type": "application/json"})
    deleted = change(cancel_run, RUN, {})
    assert (await call(function, script, client)).status_code == 202
    assert (await call(cancel_run, deleted, client)).status_code == 202


@pytest.mark.parametrize(("trigger", "url"), CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize(
    "headers",
    [
        FORM,
        {**FORM, "Sec-Fetch-Site": "none"},
        {**FORM, "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {},
    ],
    ids=str,
)
async def test_the_same_site_and_a_script_change_what_they_ask_for(
    client: Client, stub: HubStub, headers: dict[str, str], trigger: Any, url: str
) -> None:
    stub.put(make_sample_run(datetime.now(UTC)))
    assert (await call(trigger, change(trigger, url, headers), client)).status_code == 202


async def test_a_page_of_another_site_can_lead_to_a_page_of_the_app(client: Client, stub: HubStub) -> None:
    stub.put(make_sample_run(datetime.now(UTC)))
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = await call(get_run, request(url=RUN, headers=headers, method="GET", id=RUN_ID), client)
    assert answer.status_code == 200


@pytest.mark.parametrize(("trigger", "url"), [(start_run, RUNS), (cancel_run_form, f"{RUN}/cancel")])
@pytest.mark.parametrize("query", ["", "?code=a%26b"])
async def test_a_person_goes_on_to_the_page_of_the_run(
    client: Client, stub: HubStub, trigger: Any, url: str, query: str
) -> None:
    stub.put(make_sample_run(datetime.now(UTC)))
    headers = {**FORM, "Sec-Fetch-Site": "same-origin", "Accept": "text/html", "Prefer": "wait=60"}
    params = {"code": "a&b"} if query else {}
    body = f"operationId=x&idempotencyKey={uuid.uuid4()}".encode() if trigger is start_run else b""
    sent = func.HttpRequest("POST", url + query, headers=headers, params=params, route_params={"id": RUN_ID}, body=body)
    answer = await call(trigger, sent, client)

    assert (answer.status_code, answer.get_body()) == (303, b"")
    assert re.fullmatch(re.escape(RUNS) + "/[0-9a-f-]{36}" + re.escape(query), answer.headers["Location"])
    assert PRIVATE.items() <= dict(answer.headers).items()


async def test_a_form_that_is_refused_is_a_page_with_the_reason(client: Client) -> None:
    headers = {**FORM, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    answer = await call(start_run, request(b"operationId=x&timeoutSeconds=0", headers=headers), client)

    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert "<code>timeoutSeconds</code>" in answer.get_body().decode()


class HangingStub:
    """Answers no call."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: asyncio.Event().wait()


@pytest.mark.parametrize(("trigger", "sent"), CALLS.values(), ids=CALLS)
async def test_a_hub_that_hangs_is_a_problem(
    client: Client, monkeypatch: pytest.MonkeyPatch, trigger: Any, sent: func.HttpRequest
) -> None:
    monkeypatch.setattr(call_hub, "__defaults__", (0.01,))
    client._stub = HangingStub()  # noqa: SLF001 - what the SDK would call
    answer = await call(trigger, sent, client)

    assert read_problem(answer)[:2] == (503, "task-hub-unavailable")
    assert "no answer in 0.01 s" in read_problem(answer)[2]
    assert answer.headers["Retry-After"] == "10"


@pytest.mark.parametrize(
    ("method", "url", "shown"),
    [
        ("PUT", RUNS, "PUT /api/runs."),
        ("POST", "https://app.example/api/run?code=s3cret&sig=s3cret", "POST /api/run."),
        ("GET", "https://app.example", "GET /."),
        ("GET", "https://app.example/api/a\r\n\u202eb", "GET /api/a???b."),
        ("GET", "https://app.example/" + "x" * 5000, "GET /" + "x" * 195 + "…."),
        ("M" * 5000, "https://app.example/", "M" * 200 + "…."),
    ],
)
async def test_an_unknown_route_names_the_request_and_no_secret(method: str, url: str, shown: str) -> None:
    answer = await call(unknown_route, func.HttpRequest(method, url, route_params={"path": "x"}, body=b"{}"))
    status, name, detail = read_problem(answer)
    assert (status, name) == (404, "no-such-route")
    assert detail.startswith(f"Nothing answers {shown} ")
    assert "s3cret" not in detail
    assert PRIVATE.items() <= dict(answer.headers).items()


async def test_the_nightly_purge_logs_what_it_purged(
    client: Client, stub: HubStub, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await call(purge_runs, None, client)  # type: ignore[arg-type]
    assert f"Purged {len(stub.requests)} runs" in caplog.text
