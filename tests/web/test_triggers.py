"""Whole requests: the functions of the app on a stub of the task hub."""

import asyncio
import json
import logging
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest

from alert_refresh.hub.client import call_hub, make_run_id
from alert_refresh.problems import make_problem
from alert_refresh.run.state import Run, load_run, make_run
from tests.hub.stub import LIMIT, HubStub
from tests.support.graph_samples import RUN_ID, make_sample_run, make_wish
from tests.support.openapi_answers import AnswerValidator
from tests.web.http import RUNS, call, read_problem, request
from triggers.cancel_run import cancel_run
from triggers.get_openapi import get_openapi, read_document
from triggers.get_run import get_run
from triggers.get_run_result import get_run_result
from triggers.health import health
from triggers.list_runs import list_runs
from triggers.purge_runs import purge_runs
from triggers.start_run import start_run
from triggers.unknown_route import unknown_route

CHECK = AnswerValidator(read_document()).check

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
WATCH = {"operationId": "x", "timeoutSeconds": 60}
COMPLETED, FAILED = pb.ORCHESTRATION_STATUS_COMPLETED, pb.ORCHESTRATION_STATUS_FAILED


async def start(client: df.DurableFunctionsClient, body: dict[str, Any], **headers: str) -> func.HttpResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await call(start_run, request(json.dumps(body).encode(), headers=named), client)


def read(answer: func.HttpResponse) -> Any:
    assert PRIVATE.items() <= dict(answer.headers).items()
    return json.loads(answer.get_body())


def about_run(path: str = "", **headers: str) -> func.HttpRequest:
    return request(url=f"{RUNS}/{RUN_ID}{path}", headers=headers, id=RUN_ID)


def list_started(stub: HubStub) -> list[Run]:
    return [
        load_run(json.loads(each.input.value)) for each in stub.requests if isinstance(each, pb.CreateInstanceRequest)
    ]


async def test_two_equal_requests_without_a_key_are_two_runs(client: df.DurableFunctionsClient, stub: HubStub) -> None:
    answers = [await start(client, WATCH) for _ in range(2)]
    ids = [read(answer)["id"] for answer in answers]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert [answer.headers["Location"] for answer in answers] == [f"{RUNS}/{run_id}/result" for run_id in ids]
    assert set(ids) == set(stub.instances)
    assert len(stub.instances) == 2


@pytest.mark.usefixtures("refresh_enabled")
async def test_a_refresh_is_started_with_all_that_the_caller_asks_for(
    client: df.DurableFunctionsClient, stub: HubStub
) -> None:
    await start(client, {"alertId": "a", "select": "id", "changesFor": "ops", "timeoutSeconds": "3600"})
    [run] = list_started(stub)
    assert (run.wish.target.dump(), run.wish.select, run.wish.changes_for) == ({"alertId": "a"}, ("id",), "ops")
    assert run.wish.deadline - run.wish.created_at == timedelta(hours=1)


@pytest.mark.parametrize("target", [{"alertId": "x"}, {"allAlerts": True}])
async def test_a_refresh_that_is_off_starts_nothing_and_names_the_setting(
    client: df.DurableFunctionsClient, stub: HubStub, target: dict[str, Any]
) -> None:
    status, name, detail = read_problem(await start(client, target))

    assert (status, name, stub.requests) == (403, "refresh-disabled", [])
    for word in ("Nothing was started", "REFRESH_ENABLED", "RoleManagementAlert.ReadWrite.Directory"):
        assert word in detail
    # What is wrong with the request comes first.
    assert read_problem(await start(client, {**target, "timeoutSeconds": 0}))[0] == 400


async def test_a_wrong_request_starts_nothing_and_names_the_fields(
    client: df.DurableFunctionsClient, stub: HubStub
) -> None:
    answer = await start(client, {"alertID": "x", "callbackUrl": "https://evil.example/?sig=s3cret"})
    assert read_problem(answer)[:2] == (400, "invalid-request")
    assert {fault["field"] for fault in read(answer)["errors"]} == {"alertID", "operationId", "callbackUrl"}
    assert "s3cret" not in answer.get_body().decode()
    assert stub.requests == []


@pytest.mark.parametrize("url", ["https://user:s3cret@graph.microsoft.com/x", "https://graph.microsoft.com:s3cret/x"])
async def test_a_secret_in_an_operation_url_is_not_repeated(client: df.DurableFunctionsClient, url: str) -> None:
    answer = await start(client, {"operationUrl": url})
    assert read_problem(answer)[0] == 400
    assert "s3cret" not in answer.get_body().decode()


async def test_the_same_key_and_request_is_the_same_run_even_when_it_is_over(
    client: df.DurableFunctionsClient, stub: HubStub
) -> None:
    first = read(await start(client, WATCH, Idempotency_Key="k"))
    [run] = list_started(stub)
    stub.put(run, COMPLETED, output={"runId": run.id})
    again = read(await start(client, WATCH, Idempotency_Key='"k"'))
    waited = await start(client, WATCH, Idempotency_Key="k", Prefer="wait=5")

    assert (again["id"], again["state"]) == (first["id"], "succeeded")
    assert (waited.status_code, read(waited)) == (200, {"runId": first["id"]})
    assert len(list_started(stub)) == 1


async def test_the_same_key_with_another_request_is_refused(client: df.DurableFunctionsClient, stub: HubStub) -> None:
    await start(client, WATCH, Idempotency_Key="k")
    answer = await start(client, {**WATCH, "timeoutSeconds": 61}, Idempotency_Key="k")
    assert read_problem(answer)[:2] == (422, "idempotency-key-reused")
    assert len(list_started(stub)) == 1


async def test_of_two_requests_at_one_moment_with_one_key_one_is_refused(
    client: df.DurableFunctionsClient, stub: HubStub
) -> None:
    other = make_run(make_run_id("k"), make_wish(datetime.now(UTC), select=("id",)))
    stub.before["started"] = lambda: stub.put(other, pb.ORCHESTRATION_STATUS_PENDING)
    assert read_problem(await start(client, WATCH, Idempotency_Key="k"))[0] == 422


async def test_a_caller_that_prefers_to_wait_gets_the_result(client: df.DurableFunctionsClient, stub: HubStub) -> None:
    def end() -> None:
        for run in list_started(stub):
            stub.put(run, COMPLETED, output={"runId": run.id})

    stub.before["wait"] = end
    answer = await start(client, WATCH, Prefer="wait=5")
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "wait=5")
    assert read(answer) == {"runId": list_started(stub)[0].id}


async def test_a_run_that_outlasts_the_wait_is_accepted(client: df.DurableFunctionsClient) -> None:
    answer = await start(client, WATCH, Prefer="wait=1")
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (202, "wait=1")
    assert "Location" in answer.headers


async def test_a_hub_that_goes_away_during_the_wait_does_not_make_a_caller_start_again(
    client: df.DurableFunctionsClient, stub: HubStub
) -> None:
    stub.refuse = lambda method: None if method == "start" else grpc.StatusCode.UNAVAILABLE
    assert (await start(client, WATCH, Prefer="wait=1")).status_code == 202


async def test_a_run_and_its_result(client: df.DurableFunctionsClient, stub: HubStub) -> None:
    now = datetime.now(UTC)
    stub.put(make_sample_run(now), custom_status={"phase": "polling", "polls": 3})
    result = await call(get_run_result, about_run("/result", Prefer="wait=1"), client)
    document = read(await call(get_run, about_run(), client))
    assert (document["id"], document["state"], document["polls"]) == (RUN_ID, "polling", 3)
    assert (result.status_code, result.headers["Location"]) == (202, document["links"]["result"])
    assert result.headers["Preference-Applied"] == "wait=1"

    output = {"runId": RUN_ID, "alerts": []}
    stub.put(make_sample_run(now), COMPLETED, output=output)
    result = await call(get_run_result, about_run("/result"), client)
    assert (result.status_code, read(result)) == (200, output)
    page = await call(get_run, about_run(Accept="text/html"), client)
    assert (page.mimetype, page.headers["Vary"]) == ("text/html", "Accept")


@pytest.mark.parametrize(
    ("status", "name", "code"),
    [(FAILED, "timed-out", 424), (FAILED, "operation-failed", 424), (COMPLETED, "run-cancelled", 410)],
)
async def test_a_run_without_a_result_answers_its_problem(
    client: df.DurableFunctionsClient, stub: HubStub, status: int, name: Any, code: int
) -> None:
    problem = make_problem(name, "So it is.")
    stub.put(make_sample_run(datetime.now(UTC)), status, custom_status={"problem": problem})
    answer = await call(get_run_result, about_run("/result"), client)
    assert read_problem(answer)[:2] == (code, name)


async def test_an_overdue_run_has_timed_out_everywhere(client: df.DurableFunctionsClient, stub: HubStub) -> None:
    stub.put(make_sample_run(datetime.now(UTC) - timedelta(hours=2)), custom_status={"phase": "polling"})
    result = await call(get_run_result, about_run("/result", Prefer="wait=60"), client)
    runs = read(await call(list_runs, request(query={"state": "timedOut"}), client))

    assert read_problem(result)[:2] == (424, "timed-out")
    assert read(await call(get_run, about_run(), client))["state"] == "timedOut"
    assert [(run["id"], run["state"]) for run in runs["value"]] == [(RUN_ID, "timedOut")]
    assert read(await call(list_runs, request(query={"state": "polling"}), client))["value"] == []
    assert read_problem(await call(cancel_run, about_run(), client))[:2] == (410, "run-over")


async def test_the_key_of_an_overdue_run_can_be_used_again(client: df.DurableFunctionsClient, stub: HubStub) -> None:
    first = read(await start(client, WATCH, Idempotency_Key="k"))
    [run] = list_started(stub)
    began, hour = run.wish.created_at, timedelta(hours=1)
    stub.put(replace(run, wish=replace(run.wish, created_at=began - hour, deadline=run.wish.deadline - hour)))
    answer = await start(client, WATCH, Idempotency_Key="k")

    assert (answer.status_code, read(answer)["id"], read(answer)["state"]) == (202, first["id"], "queued")
    assert len(list_started(stub)) == 2


async def test_a_cancellation(client: df.DurableFunctionsClient, stub: HubStub) -> None:
    run = make_sample_run(datetime.now(UTC))
    stub.put(run)
    answer = await call(cancel_run, about_run(), client)
    assert (answer.status_code, answer.get_body()) == (202, b"")
    assert PRIVATE.items() <= dict(answer.headers).items()

    stub.before["event"] = lambda: stub.put(run, COMPLETED)
    assert read_problem(await call(cancel_run, about_run(), client))[:2] == (410, "run-over")
    stub.instances.clear()
    assert read_problem(await call(cancel_run, about_run(), client))[:2] == (404, "run-not-found")


async def test_the_pages_of_a_list_lead_through_all_runs(
    client: df.DurableFunctionsClient, stub: HubStub, monkeypatch: pytest.MonkeyPatch
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
        assert link is None or link.startswith(
            "https://gateway.example/runs?state=failed&pageSize=3&continuationToken="
        )
        assert link is None or link.endswith("&code=a%26b")

    assert [run_id for run_id, _ in found] == expected
    assert [state for _, state in found] == ["failed", "failed", "unreadable", *["failed"] * 4]


async def test_the_link_to_the_next_page_has_no_key_of_a_header(
    client: df.DurableFunctionsClient, stub: HubStub
) -> None:
    for key in ("a", "b"):
        stub.put(make_run(make_run_id(key), make_wish(datetime.now(UTC))))
    sent = request(query={"pageSize": "1"}, headers={"x-functions-key": "s3cret", "X-Forwarded-Host": "evil.example"})
    link = read(await call(list_runs, sent, client))["nextLink"]
    assert link.startswith(f"{RUNS}?pageSize=1&continuationToken=")
    assert "code" not in link
    assert "s3cret" not in link


@pytest.mark.parametrize("token", ["x", "W10"])
async def test_a_token_of_another_list_is_refused(client: df.DurableFunctionsClient, stub: HubStub, token: str) -> None:
    answer = await call(list_runs, request(query={"continuationToken": token}), client)
    assert read_problem(answer)[:2] == (400, "invalid-request")
    assert "Nothing was started" not in read_problem(answer)[2]
    assert stub.requests == []


CALLS = {
    "start": (start_run, request(json.dumps(WATCH).encode())),
    "start with a key": (start_run, request(json.dumps(WATCH).encode(), headers={"Idempotency-Key": "k"})),
    "get": (get_run, about_run()),
    "result": (get_run_result, about_run("/result")),
    "cancel": (cancel_run, about_run()),
    "list": (list_runs, request()),
}


@pytest.mark.parametrize(("trigger", "sent"), CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
async def test_every_failure_of_the_hub_is_a_problem_and_never_a_bare_500(
    client: df.DurableFunctionsClient, stub: HubStub, code: grpc.StatusCode, trigger: Any, sent: func.HttpRequest
) -> None:
    stub.put(make_sample_run(datetime.now(UTC)))
    stub.refuse = lambda _: code
    answer = await call(trigger, sent, client)
    status, name, _ = read_problem(answer)

    if (status, name) != (503, "task-hub-unavailable"):
        assert (code, status, name) == (grpc.StatusCode.NOT_FOUND, 404, "run-not-found")
    else:
        assert answer.headers["Retry-After"] == "10"


@pytest.mark.parametrize(("trigger", "sent"), CALLS.values(), ids=CALLS)
async def test_a_hub_that_hangs_is_a_problem(
    stub: HubStub, monkeypatch: pytest.MonkeyPatch, trigger: Any, sent: func.HttpRequest
) -> None:
    monkeypatch.setattr(call_hub, "__defaults__", (0.01,))
    hanging = df.DurableFunctionsClient(json.dumps({"rpcBaseUrl": "http://127.0.0.1:9"}))
    hanging._stub = HangingStub()  # noqa: SLF001 - what the SDK would call
    answer = await call(trigger, sent, hanging)
    await hanging.close()

    assert read_problem(answer)[:2] == (503, "task-hub-unavailable")
    assert "no answer in 0.01 s" in read_problem(answer)[2]
    assert answer.headers["Retry-After"] == "10"
    assert stub.requests == []


class HangingStub:
    """Answers no call."""

    def __getattr__(self, name: str) -> Any:
        async def hang(*_: Any, **__: Any) -> None:
            await asyncio.Event().wait()

        return hang


async def test_health_and_the_document_are_answered_without_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = await call(health, request(url="https://app.example/api/health?x=1"))
    assert (answer.status_code, read(answer)) == (200, {"status": "healthy"})

    url = "https://app.example/api/openapi.json"
    assert read(await call(get_openapi, request(url=url)))["servers"] == [{"url": "https://app.example/api"}]
    monkeypatch.setenv("PUBLIC_URL", "https://gateway.example/pim")
    assert read(await call(get_openapi, request(url=url)))["servers"] == [{"url": "https://gateway.example/pim"}]


@pytest.mark.parametrize(
    ("method", "url", "shown"),
    [
        ("PUT", RUNS, "PUT /api/runs."),
        ("POST", "https://app.example/api/run?code=s3cret&sig=s3cret", "POST /api/run."),
        ("GET", "https://app.example", "GET /."),
        ("GET", "https://app.example/api/a\r\n\u202eb", "GET /api/a???b."),
        ("GET", "https://app.example/" + "x" * 5000, "GET /" + "x" * 199 + "…."),
        ("M" * 5000, "https://app.example/", "M" * 20 + "… /."),
    ],
)
async def test_an_unknown_route_names_the_request_and_no_secret(method: str, url: str, shown: str) -> None:
    answer = await call(unknown_route, func.HttpRequest(method, url, body=b"{}"))
    status, name, detail = read_problem(answer)
    assert (status, name) == (404, "no-such-route")
    assert detail.startswith(f"Nothing answers {shown} ")
    assert "s3cret" not in detail
    assert PRIVATE.items() <= dict(answer.headers).items()


async def test_the_nightly_purge_logs_what_it_purged(
    client: df.DurableFunctionsClient, stub: HubStub, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await purge_runs(None, client)  # type: ignore[arg-type]
    assert f"Purged {len(stub.requests)} runs" in caplog.text
