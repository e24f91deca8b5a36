"""What `DELETE /runs/{id}` answers when the run, or its delivery, ends between the read and the event."""

import json
from typing import Any

import azure.functions as func
from domain.delivery import delivery_id
from domain.problem import PREFIX
from durabletask.client import OrchestrationStatus

from tests.support.graph_samples import asked
from tests.triggers.fake_client import NOW, FakeClient, instance
from triggers import cancel_run

RUN_ID = "ca5bbd26-6bb3-55ab-8a04-8b60eba7c6ab"
RUN = asked(NOW, callbackUrl="https://prod-1.westeurope.logic.azure.com/workflows/1?sig=secret")
DELIVERY_ID = delivery_id(RUN_ID, RUN)
COMPLETED = OrchestrationStatus.COMPLETED
ALIVE = instance(RUN_ID, RUN)
ENDED = instance(RUN_ID, RUN, status=COMPLETED)
DELIVERING = instance(DELIVERY_ID, {}, name="deliver_callback", custom_status={"state": "delivering"})
DELIVERED = instance(DELIVERY_ID, {}, name="deliver_callback", status=COMPLETED, custom_status={"state": "delivered"})


async def cancel(client: FakeClient) -> func.HttpResponse:
    # Below the SDK's decorator, which makes a client out of what the host binds.
    trigger: Any = cancel_run.cancel_run.build().get_user_function().__wrapped__
    url = f"https://app.example/api/runs/{RUN_ID}"
    reply: func.HttpResponse = await trigger(
        func.HttpRequest(method="DELETE", url=url, route_params={"id": RUN_ID}, body=b""), client
    )
    return reply


def problem_in(answer: func.HttpResponse) -> tuple[int, str]:
    return answer.status_code, json.loads(answer.get_body())["type"].removeprefix(PREFIX)


async def test_a_run_that_goes_on_gets_the_event() -> None:
    client = FakeClient(ALIVE)

    assert (await cancel(client)).status_code == 202
    assert client.events == [f"{RUN_ID} cancel"]


async def test_a_run_that_ended_meanwhile_is_over() -> None:
    client = FakeClient(ALIVE)
    client.before_event = lambda _: client.put(ENDED)

    assert problem_in(await cancel(client)) == (410, "run-over")


async def test_a_run_that_ended_meanwhile_has_its_delivery_cancelled() -> None:
    client = FakeClient(ALIVE)

    def end(instance_id: str) -> None:
        if instance_id == RUN_ID:
            client.put(ENDED, DELIVERING)

    client.before_event = end

    assert (await cancel(client)).status_code == 202
    assert client.events == [f"{DELIVERY_ID} cancel"]


async def test_a_run_that_was_purged_meanwhile_is_not_found() -> None:
    client = FakeClient(ALIVE)
    client.before_event = client.forget
    answer = await cancel(client)

    assert problem_in(answer) == (404, "run-not-found")
    assert RUN_ID in json.loads(answer.get_body())["detail"]


async def test_a_delivery_that_ended_meanwhile_is_over() -> None:
    client = FakeClient(ENDED, DELIVERING)
    client.before_event = lambda _: client.put(DELIVERED)

    assert problem_in(await cancel(client)) == (410, "run-over")


async def test_a_delivery_that_was_purged_meanwhile_is_not_found() -> None:
    client = FakeClient(ENDED, DELIVERING)
    client.before_event = client.forget
    answer = await cancel(client)

    assert problem_in(answer) == (404, "run-not-found")
    assert f"id {RUN_ID}." in json.loads(answer.get_body())["detail"], "the caller knows no other id"


async def test_a_run_that_is_over_is_told_how_it_ended() -> None:
    answer = await cancel(FakeClient(instance(RUN_ID, asked(NOW), status=COMPLETED)))

    assert problem_in(answer) == (410, "run-over")
    assert "succeeded" in json.loads(answer.get_body())["detail"]
