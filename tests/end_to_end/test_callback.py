"""The callback over real HTTP: one POST with the outcome, whatever it is; and what the run document says of it."""

import json
from http import HTTPStatus
from typing import Any

import pytest

from emulator.graph import Tenant
from tests.end_to_end.conftest import FUNCTION_KEY, App, scan
from tests.pages.test_card import list_lines
from tests.support.openapi_answers import make_validator
from tests.support.receiver import Receiver
from triggers.get_openapi import read_document


def make_url(caller: Receiver, path: str) -> str:
    return f"{caller.base_url}{path}?sp=%2Ftriggers%2Frun&sv=1.0&sig=signature"


PENDING = {"host": "127.0.0.1", "state": "pending", "attempts": 0, "nextAttemptAt": None, "detail": None}


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
async def test_the_callback_gets_exactly_what_the_result_answers(
    app: App, tenant: Tenant, caller: Receiver, outcome: str
) -> None:
    request = {"operationId": scan(tenant, seconds=0, outcome=outcome), "expand": "alertIncidents"}
    started = await app.start(**request, callbackUrl=make_url(caller, "/done"))

    [post] = await caller.posts("/done")
    result = await app.result(started)
    run = await app.deliver(started)

    assert started.body["callback"] == PENDING
    assert json.loads(post.body) == result.body
    assert post.headers["Content-Type"] == result.headers["Content-Type"]
    assert post.headers["Idempotency-Key"] == started.body["id"]
    assert run["callback"]["attempts"] == 1
    assert run["state"] == outcome
    assert len(caller.to("/done")) == 1


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
async def test_a_caller_in_teams_gets_a_card_that_links_to_the_run_without_its_key(
    app: App, tenant: Tenant, caller: Receiver, outcome: str
) -> None:
    request = {"operationId": scan(tenant, seconds=0, outcome=outcome), "changesFor": "team", "format": "teams"}
    url = make_url(caller, "/card")
    started = await app.call("POST", f"/api/runs?code={FUNCTION_KEY}", key=None, json={**request, "callbackUrl": url})

    [post] = await caller.posts("/card")
    run = await app.deliver(started)
    lines = list_lines(json.loads(post.body)["attachments"][0]["content"])

    heading = {
        "succeeded": "Now watching 1 PIM alert, 1 active",
        "failed": "No fresh PIM alert: Microsoft Graph reports",
    }
    assert lines[0].startswith(heading[outcome])
    assert lines[-1] == f"[Open the run] {app.host.base_url}/api/runs/{started.body['id']}"
    assert post.headers["Content-Type"] == "application/json"
    make_validator(read_document(), {"$ref": "#/components/schemas/TeamsMessage"}).validate(json.loads(post.body))
    assert FUNCTION_KEY not in post.body.decode()
    assert run["state"] == outcome


async def test_a_run_that_times_out_or_is_cancelled_calls_back(app: App, tenant: Tenant, caller: Receiver) -> None:
    request: dict[str, Any] = {"operationId": scan(tenant, seconds=600)}
    await app.start(**request, timeoutSeconds=1, callbackUrl=make_url(caller, "/late"))
    cancelled = await app.start(**request, callbackUrl=make_url(caller, "/off"))
    await app.cancel(cancelled)

    [late], [off] = await caller.posts("/late"), await caller.posts("/off")

    assert json.loads(late.body)["type"].endswith(":timed-out")
    assert json.loads(off.body) == (await app.result(cancelled)).body


async def test_a_receiver_that_is_down_for_a_moment_gets_the_outcome_later(
    app: App, tenant: Tenant, caller: Receiver
) -> None:
    caller.answers.append((503, {}))
    started = await app.start(operationId=scan(tenant, seconds=0), callbackUrl=make_url(caller, "/again"))

    waiting = await app.deliver(started, "delivering")
    result = await app.result(started)
    first, second = await caller.posts("/again", 2)

    assert result.status == HTTPStatus.OK, "the run does not wait for its callback"
    assert waiting["state"] == "succeeded"
    assert first.body == second.body
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == started.body["id"]
    assert (await app.deliver(started))["callback"]["attempts"] == 2


@pytest.mark.parametrize("status", [410, 302])
async def test_a_refusal_is_shown_and_changes_nothing_about_the_run(
    app: App, tenant: Tenant, caller: Receiver, status: int
) -> None:
    caller.answers.append((status, {"Location": f"{caller.base_url}/elsewhere"}))
    started = await app.start(operationId=scan(tenant, seconds=0), callbackUrl=make_url(caller, "/no"))

    run = await app.deliver(started, "failed")

    assert str(status) in run["callback"]["detail"]
    assert run["callback"]["attempts"] == 1
    assert run["state"] == "succeeded"
    assert (await app.result(started)).status == HTTPStatus.OK
    assert caller.to("/elsewhere") == []


async def test_a_caller_that_leaves_is_not_posted_to_any_more(app: App, tenant: Tenant, caller: Receiver) -> None:
    caller.answers.append((503, {"Retry-After": "3600"}))
    started = await app.start(operationId=scan(tenant, seconds=0), callbackUrl=make_url(caller, "/gone"))
    while not (run := await app.deliver(started, "delivering"))["callback"]["nextAttemptAt"]:
        pass

    cancelled = await app.cancel(started)
    await app.deliver(started, "failed")
    again = await app.cancel(started)

    assert "503" in run["callback"]["detail"]
    assert (cancelled.status, again.status) == (202, 410)
    assert (await app.result(started)).status == HTTPStatus.OK, "the result stays"
