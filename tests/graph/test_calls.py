"""The activities `refresh_alert` and `get_operation`, from their input to what arrives at Graph."""

import base64
import json
from typing import Any

import pytest

from activities.get_operation import get_operation
from activities.refresh_alert import refresh_alert
from alert_refresh.graph.urls import ALERTS, OPERATIONS
from alert_refresh.settings import settings
from tests.graph.conftest import FakeCredentials, Reply, ScriptedGraph, name_fault, unwrap
from tests.support.graph_samples import ALERT_ID, OPERATION_ID, RUNNING

get = unwrap(get_operation)
refresh = unwrap(refresh_alert)

DATE = "Sat, 31 Jan 2026 12:00:00 GMT"


@pytest.mark.parametrize(("date", "answered_at"), [(DATE, "2026-01-31T12:00:00.000Z"), ("soon", None)])
async def test_an_operation_is_handed_on_as_graph_sent_it(app: ScriptedGraph, date: str, answered_at: Any) -> None:
    app.answers(Reply(200, json.dumps({**RUNNING, "new": [None]}).encode(), {"Retry-After": "12", "Date": date}))
    observation = await get({"operationId": OPERATION_ID})
    (request,) = app.requests
    assert request.raw_path == OPERATIONS + OPERATION_ID
    assert observation == {
        "kind": "operation",
        "operation": {**RUNNING, "new": [None]},
        "answeredAt": answered_at,
        "retryAfter": 12.0,
        "clientRequestId": request.headers["client-request-id"],
        "locationRefused": False,
    }


@pytest.mark.parametrize(
    ("location", "refused"),
    [
        ("", False),
        (None, False),
        (7, False),
        (f"{ALERTS}{ALERT_ID}", False),
        ("https://evil.example/x", True),
        (ALERTS, True),
    ],
)
async def test_a_location_that_is_refused_is_told(app: ScriptedGraph, location: Any, *, refused: bool) -> None:
    app.answers(Reply(200, json.dumps({**RUNNING, "resourceLocation": location}).encode()))
    assert (await get({"operationId": OPERATION_ID}))["locationRefused"] is refused


@pytest.mark.parametrize(
    ("alert_id", "path", "body"),
    [
        (ALERT_ID, f"{ALERTS}{ALERT_ID}/refresh", b""),
        ("StaleSignInAlert", f"{ALERTS}{ALERT_ID}/refresh", b""),
        (None, f"{ALERTS}refresh", b'{"scopeId": "/", "scopeType": "DirectoryRole"}'),
    ],
)
async def test_a_refresh_is_sent_once_and_its_operation_is_where_graph_says(
    app: ScriptedGraph, credentials: FakeCredentials, alert_id: str | None, path: str, body: bytes
) -> None:
    claims = json.dumps({"tid": ALERT_ID.split("_")[1]}).encode()
    credentials.token = f"a.{base64.urlsafe_b64encode(claims).decode()}.c"
    app.answers(Reply(202, b"", {"Location": f"{OPERATIONS}{OPERATION_ID}", "Date": DATE, "Retry-After": "30"}))
    observation = await refresh({"alertId": alert_id})
    (request,) = app.requests
    assert (request.method, request.raw_path, app.bodies) == ("POST", path, [body])
    assert "2026-01-31T11:59:30Z" < observation.pop("askedAt") < "2026-01-31T12:00:00.000Z", "when the request was sent"
    assert observation == {
        "kind": "refreshed",
        "operationId": OPERATION_ID,
        "answeredAt": "2026-01-31T12:00:00.000Z",
        "retryAfter": 30.0,
        "clientRequestId": request.headers["client-request-id"],
    }


@pytest.mark.parametrize("token", ["secret", "a.b.c", "a.e30.c", "a.eyJ0aWQiOiIuLi94In0.c"])
async def test_a_token_that_names_no_tenant_resolves_no_short_name(
    app: ScriptedGraph, credentials: FakeCredentials, token: str
) -> None:
    credentials.token = token
    observation = await refresh({"alertId": "StaleSignInAlert"})
    assert name_fault(observation) == "identity-unavailable"
    assert "the whole id of the alert" in observation["problem"]["detail"]
    assert app.requests == []


async def test_without_the_setting_nothing_is_refreshed(
    app: ScriptedGraph, credentials: FakeCredentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFRESH_ENABLED", "false")
    settings.cache_clear()
    observation = await refresh({"alertId": ALERT_ID})
    assert name_fault(observation) == "refresh-disabled"
    assert "REFRESH_ENABLED" in observation["problem"]["detail"]
    assert (app.requests, credentials.asked) == ([], [])


async def test_invalid_settings_are_a_fault(app: ScriptedGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLL_MIN_SECONDS", "often")
    settings.cache_clear()
    for observation in (await get({"operationId": "x"}), await refresh({"alertId": None})):
        assert name_fault(observation) == "invalid-settings"
        assert [error["field"] for error in observation["problem"]["errors"]] == ["POLL_MIN_SECONDS"]
    assert app.requests == []


@pytest.mark.parametrize("location", [None, f"{ALERTS}x"])
async def test_a_refresh_that_leads_to_no_operation_ends_the_run(app: ScriptedGraph, location: str | None) -> None:
    headers = {"Retry-After": "30"} | ({"Location": location} if location else {})
    app.answers(Reply(202, b"", headers))
    observation = await refresh({"alertId": ALERT_ID})
    assert name_fault(observation) == "url-untrusted"
    assert "Location" in observation["problem"]["detail"]
    assert "being scanned all the same" in observation["problem"]["detail"]
    assert observation["retryAfter"] == 30.0
