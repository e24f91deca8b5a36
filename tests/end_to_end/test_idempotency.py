"""A start that is sent twice makes one run when it has a key, and two when it has none."""

import asyncio

from emulator.graph import Tenant
from tests.end_to_end.conftest import App, scan


async def test_a_key_means_one_run_even_after_its_end(app: App, tenant: Tenant) -> None:
    request = {"operationId": scan(tenant, seconds=0)}
    first = await app.start_once("order-1", request)
    result = await app.result(first)
    requests = len(tenant.requests)

    again = await app.start_once("order-1", request)
    at_once = await app.start_once("order-1", request, Prefer="wait=30")

    assert (first.status, again.status) == (202, 202)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.body["createdAt"] == first.body["createdAt"]
    assert again.body["state"] == "succeeded"
    assert (await app.result(again)).body == result.body
    assert (at_once.status, at_once.body) == (200, result.body)
    assert len(tenant.requests) == requests, "Graph was not asked again"


async def test_starts_with_one_key_that_race_make_one_run(app: App, tenant: Tenant) -> None:
    operation_id = scan(tenant, seconds=0.5)

    replies = await asyncio.gather(*(app.start_once("race", {"operationId": operation_id}) for _ in range(50)))
    await app.result(replies[0])

    assert {reply.status for reply in replies} == {202}
    assert len({reply.body["id"] for reply in replies}) == 1
    assert len({reply.body["createdAt"] for reply in replies}) == 1
    assert len([request for request in tenant.requests if "/alerts/" in request.target]) == 1


async def test_a_key_that_comes_with_another_request_is_refused(app: App, tenant: Tenant) -> None:
    operation_id = scan(tenant, seconds=0)
    first = await app.start_once("order-3", {"operationId": operation_id})
    before = await app.instances()

    other = await app.start_once("order-3", {"operationId": operation_id, "expand": "alertIncidents"})

    assert (other.status, other.problem) == (422, "idempotency-key-reused")
    assert "order-3" not in other.body["detail"]
    assert len(await app.instances()) == len(before)
    assert (await app.result(first)).status == 200


async def test_a_caller_cancels_its_own_run_alone(app: App, tenant: Tenant) -> None:
    request = {"operationId": scan(tenant, seconds=3600)}
    mine, theirs = await app.start(**request), await app.start(**request)

    await app.cancel(mine)
    await app.result(mine)
    scan(tenant, seconds=0)

    assert (await app.result(theirs)).status == 200
