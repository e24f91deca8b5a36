"""When health tells more than that all is well."""

import json
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest
from domain.problem import PREFIX

from tests.triggers.questions import request
from triggers import health

URL = "https://app.example/api/health"


class HubTouched(Exception):
    """Something was asked of the task hub."""


class NoClient:
    """Stands for a task hub that nothing may reach."""

    def __getattr__(self, name: str) -> Any:
        raise HubTouched(name)


NO_CLIENT = NoClient()


async def answer(query: str, client: Any = NO_CLIENT) -> func.HttpResponse:
    # Below the SDK's decorator, which makes a client out of what the host binds.
    trigger: Any = health.health.build().get_user_function().__wrapped__
    reply: func.HttpResponse = await trigger(request(url=f"{URL}{query}"), client)
    return reply


@pytest.mark.parametrize("query", ["", "?", "?detail=false", "?probe=1", "?Detail", "?probe=detail"])
async def test_whoever_asks_for_health_alone_does_not_reach_the_task_hub(query: str) -> None:
    reply = await answer(query)
    assert (reply.status_code, json.loads(reply.get_body())) == (200, {"status": "healthy"})


@pytest.mark.parametrize("query", ["?detail", "?detail=", "?detail=true", "?probe=1&detail"])
async def test_detail_is_what_the_task_hub_knows(query: str) -> None:
    with pytest.raises(HubTouched):
        await answer(query)


async def test_without_a_task_hub_detail_is_refused_as_a_start_would_be() -> None:
    gone = df.DurableFunctionsClient(json.dumps({"rpcBaseUrl": "http://127.0.0.1:9"}))
    reply = await answer("?detail", gone)
    await gone.close()
    assert reply.status_code == 503
    assert json.loads(reply.get_body())["type"] == f"{PREFIX}task-hub-unavailable"


@pytest.mark.parametrize("query", ["?detail=yes", "?detail=TRUE", "?detail=true&detail=no"])
async def test_anything_else_is_named(query: str) -> None:
    reply = await answer(query)
    assert reply.status_code == 400
    assert json.loads(reply.get_body())["errors"] == [
        {"field": "detail", "detail": "must be true or false, or stand alone"}
    ]
