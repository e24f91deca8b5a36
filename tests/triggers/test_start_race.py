"""One Idempotency-Key, two questions at the same moment: the hub accepts both starts and runs one."""

import json
from typing import Any

import azure.functions as func
import grpc
import pytest
from domain.problem import PREFIX

from tests.support.graph_samples import asked
from tests.triggers.fake_client import NOW, FakeClient, instance
from tests.triggers.questions import CHOSEN, request
from triggers import start_run

OTHER = asked(NOW, target={"operationId": "the-other-question"})
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


async def start(client: FakeClient, key: str | None = "order-1") -> func.HttpResponse:
    # Below the SDK's decorator, which makes a client out of what the host binds.
    trigger: Any = start_run.start_run.build().get_user_function().__wrapped__
    headers = {} if key is None else {"Idempotency-Key": key}
    body = json.dumps({"operationId": "mine", "timeoutSeconds": 60}).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(start_run, "settings", lambda: CHOSEN._replace(poll_learning=False))
        reply: func.HttpResponse = await trigger(request(body, headers=headers), client)
    return reply


def replaced_by_another(client: FakeClient) -> None:
    def replace(run_id: str) -> None:
        client.instances[run_id] = instance(run_id, OTHER)

    client.after_start = replace


async def test_who_asks_what_is_not_run_is_told_that_the_key_is_taken() -> None:
    client = FakeClient()
    replaced_by_another(client)
    answer = await start(client)

    assert answer.status_code == 422
    assert json.loads(answer.get_body())["type"] == f"{PREFIX}idempotency-key-reused"


async def test_who_asks_what_is_run_is_told_that_run() -> None:
    answer = await start(FakeClient())

    assert answer.status_code == 202
    assert json.loads(answer.get_body())["target"] == {"operationId": "mine"}


@pytest.mark.parametrize("reads", [[None, UNAVAILABLE], [None, None]], ids=["refused", "not there yet"])
async def test_a_run_that_cannot_be_read_right_after_its_start_is_accepted(reads: list[grpc.StatusCode | None]) -> None:
    client = FakeClient()
    client.refused_reads = reads
    client.after_start = client.forget
    answer = await start(client)

    assert answer.status_code == 202
    assert json.loads(answer.get_body())["target"] == {"operationId": "mine"}


async def test_a_start_without_a_key_reads_nothing_back() -> None:
    client = FakeClient()
    client.refused_reads = [UNAVAILABLE]

    assert (await start(client, key=None)).status_code == 202
    assert client.refused_reads == [UNAVAILABLE]
