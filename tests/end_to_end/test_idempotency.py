"""A start that is sent twice makes one run: while it is alive without a key, and for good with one."""

import asyncio
from typing import Any

from emulator.graph import Tenant
from tests.end_to_end.conftest import App, Reply, scan


async def keyed(app: App, key: str, **question: Any) -> Reply:
    return await app.call("POST", "/api/runs", json=question, headers={"Idempotency-Key": key})


async def test_a_key_means_one_run_even_after_its_end(app: App, tenant: Tenant) -> None:
    question = {"operationId": scan(tenant, seconds=0)}
    first = await keyed(app, "order-1", **question)
    result = await app.result(first)
    asked = len(tenant.requests)

    again = await keyed(app, "order-1", **question)

    assert (first.status, again.status) == (202, 202)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.body["createdAt"] == first.body["createdAt"]
    assert again.body["state"] == "succeeded"
    assert again.headers["Retry-After"] == "1", "there is nothing to wait for"
    assert (await app.result(again)).body == result.body
    assert len(tenant.requests) == asked, "Graph was not asked again"


async def test_a_key_and_a_preference_to_wait_give_the_result_of_the_run_at_once(app: App, tenant: Tenant) -> None:
    question = {"operationId": scan(tenant, seconds=0)}
    first = await app.result(await keyed(app, "order-2", **question))
    headers = {"Idempotency-Key": "order-2", "Prefer": "wait=30"}

    again = await app.call("POST", "/api/runs", json=question, headers=headers)

    assert (again.status, again.body) == (200, first.body)


async def test_starts_with_one_key_that_race_make_one_run(app: App, tenant: Tenant) -> None:
    operation_id = scan(tenant, seconds=3600)

    replies = await asyncio.gather(*(keyed(app, "race", operationId=operation_id) for _ in range(50)))
    scan(tenant, seconds=0)
    await app.result(replies[0])

    assert {reply.status for reply in replies} == {202}
    assert len({reply.body["id"] for reply in replies}) == 1
    assert len({reply.body["createdAt"] for reply in replies}) == 1
    assert len([request for request in tenant.requests if "/alerts/" in request.target]) == 1


async def test_a_key_that_asks_something_else_is_refused(app: App, tenant: Tenant) -> None:
    operation_id = scan(tenant, seconds=0)
    first = await keyed(app, "order-3", operationId=operation_id)
    before = await app.instances()

    other = await keyed(app, "order-3", operationId=operation_id, expand="alertIncidents")

    assert other.status == 422
    assert other.headers["Content-Type"] == "application/problem+json"
    assert other.body["type"].endswith(":idempotency-key-reused")
    assert "order-3" not in other.body["detail"]
    assert len(await app.instances()) == len(before)
    assert (await app.result(first)).status == 200


async def test_two_keys_are_two_runs_of_one_question(app: App, tenant: Tenant) -> None:
    question = {"operationId": scan(tenant, seconds=0)}
    plain, one, two = await app.start(**question), await keyed(app, "a", **question), await keyed(app, "b", **question)

    assert len({plain.body["id"], one.body["id"], two.body["id"]}) == 3
    for started in (plain, one, two):
        assert (await app.result(started)).status == 200


async def test_an_answer_that_was_lost_is_given_again(app: App, tenant: Tenant) -> None:
    operation_id = scan(tenant, seconds=3600)
    lost = asyncio.create_task(app.start(operationId=operation_id))
    while not tenant.requests:  # noqa: ASYNC110 - the run is in another process
        await asyncio.sleep(0.01)
    lost.cancel()

    again = await app.start(operationId=operation_id)
    scan(tenant, seconds=0)

    assert (await app.result(again)).status == 200
    fetches = [request for request in tenant.requests if "/alerts/" in request.target]
    assert len(fetches) == 1, "one run"
