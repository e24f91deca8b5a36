"""What bad input gets: a problem that names the field. Nothing is started, and Graph is not asked."""

import json
from typing import Any

import pytest

from emulator.graph import Tenant
from tests.end_to_end.conftest import FUNCTION_KEY, SYSTEM_KEY, App, hosted

GOOD = {"operationId": "refresh:never"}
BAD: dict[str, tuple[Any, str]] = {
    "not JSON": (b"{", ""),
    "not an object": (b"[]", ""),
    "empty": (b"", "operationId"),
    "unknown field": ({**GOOD, "colour": "red"}, "colour"),
    "no target": ({"timeoutSeconds": 60}, "operationId"),
    "two targets": ({**GOOD, "operationUrl": "https://graph.microsoft.com"}, "operationUrl"),
    "wrong type": ({"operationId": 7}, "operationId"),
    "slash": ({"operationId": "../alerts/x"}, "operationId"),
    "control character": ({"operationId": "a\u0007"}, "operationId"),
    "lone surrogate": ({"operationId": "\ud800"}, "operationId"),
    "too long": ({"operationId": "x" * 201}, "operationId"),
    "dots": ({"operationId": ".."}, "operationId"),
    "foreign URL": ({"operationUrl": "https://evil.example/beta/x"}, "operationUrl"),
    "select": ({**GOOD, "select": "id,$filter"}, "select"),
    "expand": ({**GOOD, "expand": ["alertIncidents($top=1)"]}, "expand"),
    "deadline": ({**GOOD, "timeoutSeconds": 86401}, "timeoutSeconds"),
    "naive time": ({**GOOD, "notBefore": "2026-01-31T12:00:00"}, "notBefore"),
    "callback": ({**GOOD, "callbackUrl": "https://x.logic.azure.com/"}, "callbackUrl"),
    "an alert": ({"alertId": "x"}, "alertId"),
    "all alerts": ({"allAlerts": True}, "allAlerts"),
}


@pytest.mark.parametrize(("body", "field"), BAD.values(), ids=BAD)
async def test_bad_input_starts_nothing_and_names_the_field(app: App, tenant: Tenant, body: Any, field: str) -> None:
    before = await app.instances()

    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    reply = await app.call("POST", "/api/runs", data=data)

    assert reply.status == 400
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.body["type"].endswith(":invalid-request")
    assert field in {error["field"] for error in reply.body["errors"]}
    assert await app.instances() == before
    assert tenant.requests == []


async def test_a_chunked_body_arrives_empty_and_is_told_so(app: App) -> None:
    async def chunks() -> Any:
        yield json.dumps(GOOD).encode()

    reply = await app.call("POST", "/api/runs", data=chunks())

    assert reply.status == 400
    assert "Content-Length" in reply.body["detail"]


@pytest.mark.parametrize("key", [None, "wrong", SYSTEM_KEY])
async def test_nobody_gets_in_without_the_key(app: App, key: str | None) -> None:
    for method, path in (
        ("POST", "/api/runs"),
        ("GET", "/api/runs/x"),
        ("GET", "/api/runs/x/result"),
        ("DELETE", "/api/runs/x"),
    ):
        assert (await app.call(method, path, key=key)).status == 401
    assert (await app.call("GET", "/api/health", key=None)).status == 200


async def test_bad_settings_are_named_and_start_nothing() -> None:
    bad = {"GRAPH_BASE_URL": "http://graph.example/beta", "POLL_MIN_SECONDS": "hunter2", "RUN_TIMEOUT_SECONDS": "0"}
    async with hosted(bad) as app:
        health = await app.call("GET", "/api/health", key=None)
        start = await app.start(**GOOD)

        assert (health.status, start.status) == (503, 503)
        assert [error["field"] for error in health.body["errors"]] == list(bad)
        assert health.body == start.body
        assert "hunter2" not in json.dumps(health.body)
        assert await app.instances() == []


async def test_a_missing_identity_is_a_problem_and_not_an_endless_wait() -> None:
    quick = {"POLL_MIN_SECONDS": "0.1", "POLL_MAX_SECONDS": "0.1", "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential"}
    async with hosted({"GRAPH_BASE_URL": "http://127.0.0.1:9", **quick}) as app:
        result = await app.result(await app.start(**GOOD))

        assert result.status == 424
        assert result.body["type"].endswith(":identity-unavailable")


async def test_no_secret_is_in_any_log_or_answer(app: App, tenant: Tenant) -> None:
    operation = tenant.start_operation(tenant.alert_id("StaleSignInAlert"), duration=0)
    started = await app.start(operationId=operation.id)
    result = await app.result(started)
    run = await app.call("GET", started.body["links"]["self"])

    tokens = {request.headers["Authorization"].removeprefix("Bearer ") for request in tenant.requests}
    told = app.host.log + json.dumps([started.body, result.body, run.body, await app.instances()])
    assert tokens
    assert not [secret for secret in (*tokens, FUNCTION_KEY, SYSTEM_KEY) if secret in told]
