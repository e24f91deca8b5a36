"""What a caller is told of a run that no message of the task hub can carry."""

import json
from typing import Any

import azure.functions as func
import grpc
import pytest
from domain.problem import PREFIX

from tests.triggers.fake_client import FakeClient
from triggers import get_run, get_run_result

RUN_ID = "ca5bbd26-6bb3-55ab-8a04-8b60eba7c6ab"


@pytest.mark.parametrize("function", [get_run.get_run, get_run_result.get_run_result])
async def test_a_run_that_is_too_large_says_so_and_what_to_do(function: Any) -> None:
    client = FakeClient()
    client.refused_reads = [grpc.StatusCode.RESOURCE_EXHAUSTED]
    # Below the SDK's decorator, which makes a client out of what the host binds.
    trigger = function.build().get_user_function().__wrapped__
    url = f"https://app.example/api/runs/{RUN_ID}"
    asked = func.HttpRequest(method="GET", url=url, route_params={"id": RUN_ID}, body=b"")
    answer: func.HttpResponse = await trigger(asked, client)
    problem = json.loads(answer.get_body())

    assert (answer.status_code, problem["type"]) == (503, f"{PREFIX}task-hub-unavailable")
    for word in (RUN_ID, "larger than one message", "INCIDENTS_LIMIT_BYTES"):
        assert word in problem["detail"]
    assert "Try again" not in problem["detail"]
