"""The callback over real HTTP: one POST with the outcome, whatever it is; and what the run document says of it."""

import asyncio
import json
from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Any

import pytest

from emulator.graph import Tenant
from tests.end_to_end.conftest import FUNCTION_KEY, SYSTEM_KEY, App, Reply, scan
from tests.support.receiver import Receiver, receiver

SIGNATURE = "the-signature-of-the-caller"


@pytest.fixture
def app(calling_app: App) -> App:
    return calling_app


@pytest.fixture
async def caller() -> AsyncGenerator[Receiver]:
    async with receiver() as started:
        yield started


def callback(caller: Receiver, path: str) -> str:
    return f"{caller.base_url}{path}?sp=%2Ftriggers%2Frun&sv=1.0&sig={SIGNATURE}"


async def document(app: App, started: Reply, state: str) -> dict[str, Any]:
    """Return the run document once the callback is in `state`."""
    async with asyncio.timeout(30):
        while (run := (await app.call("GET", started.body["links"]["self"])).body)["callback"]["state"] != state:
            pass
    return dict(run)


@pytest.mark.parametrize("outcome", ["succeeded", "failed", "skipped"])
async def test_the_callback_gets_exactly_what_the_result_answers(
    app: App, tenant: Tenant, caller: Receiver, outcome: str
) -> None:
    question = {"operationId": scan(tenant, outcome=outcome), "expand": "alertIncidents"}
    started = await app.start(**question, callbackUrl=callback(caller, "/done"))

    [post] = await caller.posts("/done")
    result = await app.result(started)
    run = await document(app, started, "delivered")

    assert started.body["callback"] == {
        "host": "127.0.0.1",
        "state": "pending",
        "attempts": 0,
        "nextAttemptAt": None,
        "detail": None,
    }
    assert json.loads(post.body) == result.body
    assert post.headers["Content-Type"] == result.headers["Content-Type"]
    assert post.headers["Idempotency-Key"] == started.body["id"]
    assert run["callback"]["attempts"] == 1
    assert run["state"] == ("succeeded" if outcome == "succeeded" else "failed")
    assert len(caller.to("/done")) == 1


async def test_a_run_that_times_out_calls_back(app: App, tenant: Tenant, caller: Receiver) -> None:
    question = {"operationId": scan(tenant, seconds=600), "timeoutSeconds": 1}
    await app.start(**question, callbackUrl=callback(caller, "/late"))

    [post] = await caller.posts("/late")
    assert json.loads(post.body)["type"].endswith(":timed-out")


async def test_a_run_that_is_cancelled_calls_back(app: App, tenant: Tenant, caller: Receiver) -> None:
    started = await app.start(operationId=scan(tenant, seconds=600), callbackUrl=callback(caller, "/off"))
    await app.call("DELETE", started.body["links"]["cancel"])

    [post] = await caller.posts("/off")
    result = await app.result(started)
    assert json.loads(post.body) == result.body
    assert result.body["type"].endswith(":run-cancelled")
    assert (await app.call("GET", started.body["links"]["self"])).body["state"] == "cancelled"


async def test_a_receiver_that_is_down_for_a_moment_gets_the_outcome_later(
    app: App, tenant: Tenant, caller: Receiver
) -> None:
    caller.answers.append((503, {}))
    started = await app.start(operationId=scan(tenant), callbackUrl=callback(caller, "/again"))

    waiting = await document(app, started, "delivering")
    result = await app.result(started)
    first, second = await caller.posts("/again", 2)

    assert result.status == HTTPStatus.OK, "the run does not wait for its callback"
    assert waiting["state"] == "succeeded"
    assert first.body == second.body
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == started.body["id"]
    assert (await document(app, started, "delivered"))["callback"]["attempts"] == 2


@pytest.mark.parametrize("status", [400, 401, 404, 410, 302])
async def test_a_refusal_is_told_and_changes_nothing_about_the_run(
    app: App, tenant: Tenant, caller: Receiver, status: int
) -> None:
    caller.answers.append((status, {"Location": f"{caller.base_url}/elsewhere"}))
    started = await app.start(operationId=scan(tenant), callbackUrl=callback(caller, f"/no/{status}"))

    run = await document(app, started, "failed")

    assert str(status) in run["callback"]["detail"]
    assert run["callback"]["attempts"] == 1
    assert run["state"] == "succeeded"
    assert (await app.result(started)).status == HTTPStatus.OK
    assert caller.to("/elsewhere") == []


async def test_a_subscriber_that_leaves_is_not_posted_to_any_more(app: App, tenant: Tenant, caller: Receiver) -> None:
    caller.answers.append((503, {"Retry-After": "3600"}))
    started = await app.start(operationId=scan(tenant), callbackUrl=callback(caller, "/gone"))
    while not (run := await document(app, started, "delivering"))["callback"]["nextAttemptAt"]:
        pass

    left = await app.call("DELETE", started.body["links"]["cancel"])
    await document(app, started, "cancelled")
    again = await app.call("DELETE", started.body["links"]["cancel"])

    assert "503" in run["callback"]["detail"]
    assert (left.status, again.status) == (202, 410)
    assert (await app.result(started)).status == HTTPStatus.OK, "what was found stays"


async def test_a_question_that_is_asked_anew_has_a_delivery_of_its_own(
    app: App, tenant: Tenant, caller: Receiver
) -> None:
    caller.answers.append((503, {"Retry-After": "3600"}))
    question = {"operationId": scan(tenant, seconds=0), "callbackUrl": callback(caller, "/twice")}
    first = await app.start(**question)
    await caller.posts("/twice", 1)
    second = await app.start(**question)

    await caller.posts("/twice", 2)
    await document(app, second, "delivered")
    assert second.body["id"] == first.body["id"]
    assert second.body["createdAt"] > first.body["createdAt"]


async def test_a_run_of_another_callback_is_another_run(app: App, tenant: Tenant, caller: Receiver) -> None:
    operation_id = scan(tenant, seconds=0)
    ids = [
        (await app.start(operationId=operation_id, callbackUrl=callback(caller, path))).body["id"]
        for path in ("/one", "/two", "/one")
    ]
    await caller.posts("/one")
    await caller.posts("/two")
    assert ids[0] != ids[1]
    assert ids[0] == ids[2]


async def test_no_key_and_no_signature_is_in_any_answer_status_or_log(
    app: App, tenant: Tenant, caller: Receiver
) -> None:
    caller.answers.append((503, {}))
    by_header = await app.start(operationId=scan(tenant), callbackUrl=callback(caller, "/secret"))
    failing = scan(tenant, "RedundantAssignmentAlert", outcome="failed")
    answers = [by_header, await app.start(operationId=failing, callbackUrl=callback(caller, "/secret"))]
    await caller.posts("/secret", 3)
    for started in (by_header, answers[1]):
        await document(app, started, "delivered")
        answers += [await app.call("GET", link) for link in started.body["links"].values()]
    answers.append(await app.call("GET", "/api/runs"))

    told = "".join(json.dumps(answer.body) + str(answer.headers) for answer in answers)
    shown = json.dumps([[each["customStatus"], each["output"]] for each in await app.instances()])
    posts = "".join(f"{each.headers}{each.body!r}" for each in caller.received)
    for secret in (SIGNATURE, "/secret", FUNCTION_KEY, SYSTEM_KEY):
        assert secret not in told + shown + app.host.log
    assert not [key for key in (FUNCTION_KEY, SYSTEM_KEY) if key in posts]
