"""The two activities, from their input to what arrives at Graph."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from azure.functions.decorators.function_app import FunctionBuilder

from activities import fetch_alert, get_operation
from domain.observation import Observation
from domain.problem import PREFIX
from graph.urls import ALERTS, OPERATIONS
from tests.graph.conftest import FakeCredentials, Reply, ScriptedGraph
from tests.support.graph_samples import ALERT, ALERT_ID, OPERATION_ID, RUNNING


def body(builder: FunctionBuilder) -> Callable[[Any], Awaitable[Observation]]:
    function: Callable[[Any], Awaitable[Observation]] = vars(builder)["_function"].get_user_function()
    return function


get = body(get_operation.get_operation)
fetch = body(fetch_alert.fetch_alert)


async def test_an_operation_is_asked_for_once(app: ScriptedGraph) -> None:
    app.answers(Reply(200, json.dumps(RUNNING).encode()))
    observation = await get({"operationId": OPERATION_ID})
    assert (observation["kind"], observation["operation"]) == ("operation", RUNNING)
    assert [request.raw_path for request in app.requests] == [OPERATIONS + OPERATION_ID]


async def test_the_alert_is_asked_for_where_the_operation_says(app: ScriptedGraph) -> None:
    app.answers(Reply(200, json.dumps(ALERT).encode()))
    location = f"{app.base_url}{ALERTS}{ALERT_ID}"
    observation = await fetch({"resourceLocation": location, "select": [], "expand": ["alertDefinition"]})
    assert (observation["kind"], observation["alert"]) == ("alert", ALERT)
    assert [request.raw_path for request in app.requests] == [f"{ALERTS}{ALERT_ID}?$expand=alertDefinition"]


@pytest.mark.parametrize("where", ["https://evil.example{path}", "{base}.evil.example{path}", "{base}{path}/refresh"])
async def test_a_location_outside_gets_no_token_and_ends_the_run(
    app: ScriptedGraph, credentials: FakeCredentials, where: str
) -> None:
    location = where.format(base=app.base_url, path=f"{ALERTS}{ALERT_ID}")
    observation = await fetch({"resourceLocation": location, "select": [], "expand": []})
    assert (observation["kind"], observation["problem"]["type"]) == ("problem", f"{PREFIX}alert-location-untrusted")
    assert app.requests == []
    assert credentials.asked == []


async def test_an_observation_is_json_for_the_durable_history(app: ScriptedGraph) -> None:
    for reply in (Reply(200, b'{"a": [1.5, null, "\\u00e9"]}'), Reply(429, b"", {"Retry-After": "0.249"}), Reply(404)):
        app.answers(reply)
        observation = await get({"operationId": "x"})
        assert json.loads(json.dumps(observation, allow_nan=False)) == observation
