"""The activities, from their input to what arrives at Graph."""

import json
from typing import Any

import pytest

from activities import fetch_alert, get_operation, list_alerts, list_incidents, refresh_alert, refresh_all_alerts
from domain.problem import PREFIX
from graph.urls import ALERTS, OPERATIONS
from tests.graph.conftest import FakeCredentials, Reply, ScriptedGraph, activity
from tests.support.graph_samples import ALERT, ALERT_ID, LIMIT, OPERATION_ID, RUNNING

get = activity(get_operation.get_operation)
fetch = activity(fetch_alert.fetch_alert)
refresh_one = activity(refresh_alert.refresh_alert)
refresh_all = activity(refresh_all_alerts.refresh_all_alerts)
alerts = activity(list_alerts.list_alerts)
incidents = activity(list_incidents.list_incidents)

FILTER = "$filter=scopeId%20eq%20'/'%20and%20scopeType%20eq%20'DirectoryRole'"
DATE = "Sat, 31 Jan 2026 12:00:00 GMT"


async def test_an_operation_is_asked_for_once(app: ScriptedGraph) -> None:
    app.answers(Reply(200, json.dumps(RUNNING).encode()))
    observation = await get({"operationId": OPERATION_ID})
    assert (observation["kind"], observation["operation"]) == ("operation", RUNNING)
    assert [request.raw_path for request in app.requests] == [OPERATIONS + OPERATION_ID]


async def test_the_alert_is_asked_for_where_the_operation_says(app: ScriptedGraph) -> None:
    app.answers(Reply(200, json.dumps(ALERT).encode()))
    location = f"{app.base_url}{ALERTS}{ALERT_ID}"
    observation = await fetch(
        {"resourceLocation": location, "select": [], "expand": ["alertDefinition"], "limit": LIMIT}
    )
    assert (observation["kind"], observation["alert"]) == ("alert", ALERT)
    assert [request.raw_path for request in app.requests] == [f"{ALERTS}{ALERT_ID}?$expand=alertDefinition"]


async def test_an_alert_is_asked_for_by_its_id(app: ScriptedGraph) -> None:
    app.answers(Reply(200, json.dumps(ALERT).encode()))
    observation = await fetch({"alertId": ALERT_ID, "select": ["isActive"], "expand": [], "limit": LIMIT})
    assert (observation["kind"], observation["alert"]) == ("alert", ALERT)
    assert [request.raw_path for request in app.requests] == [
        f"{ALERTS}{ALERT_ID}?$select=isActive,lastScannedDateTime"
    ]


async def test_one_alert_is_refreshed_once_and_its_operation_is_where_graph_says(app: ScriptedGraph) -> None:
    location = f"{app.base_url}{OPERATIONS}{OPERATION_ID}"
    app.answers(Reply(202, b"", {"Location": location, "Date": DATE, "Retry-After": "30"}))
    observation = await refresh_one({"alertId": ALERT_ID})
    (request,) = app.requests
    assert (request.method, request.raw_path, app.bodies) == ("POST", f"{ALERTS}{ALERT_ID}/refresh", [b""])
    assert observation == {
        "kind": "refreshed",
        "refreshed": {"operationId": OPERATION_ID, "requestedAt": "2026-01-31T12:00:00.000Z"},
        "retryAfter": 30.0,
        "clientRequestId": request.headers["client-request-id"],
    }


async def test_all_alerts_are_refreshed_once_in_the_only_scope_there_is(app: ScriptedGraph) -> None:
    app.answers(Reply(202, b"", {"Location": f"{OPERATIONS}5c5670d6-a2c0-a394-ef42-882954856de5"}))
    observation = await refresh_all({})
    (request,) = app.requests
    assert (request.method, request.raw_path) == ("POST", f"{ALERTS}refresh")
    assert [json.loads(body) for body in app.bodies] == [{"scopeId": "/", "scopeType": "DirectoryRole"}]
    assert observation["refreshed"]["operationId"] == "5c5670d6-a2c0-a394-ef42-882954856de5"


@pytest.mark.parametrize(
    ("select", "query"), [([], FILTER), (["isActive"], f"{FILTER}&$select=isActive,id,lastScannedDateTime")]
)
async def test_alerts_are_listed_with_the_filter_that_graph_demands(
    app: ScriptedGraph, select: list[str], query: str
) -> None:
    app.answers(Reply(200, json.dumps({"value": [ALERT]}).encode()))
    observation = await alerts({"nextLink": None, "select": select, "expand": [], "limit": LIMIT})
    assert (observation["kind"], observation["page"]) == ("alerts", {"value": [ALERT], "nextLink": None})
    assert [request.raw_path for request in app.requests] == [f"{ALERTS.rstrip('/')}?{query}"]


async def test_incidents_are_listed_page_by_page(app: ScriptedGraph) -> None:
    path = f"{ALERTS}{ALERT_ID}/alertIncidents"
    further = f"{app.base_url}{path}?$skiptoken=2"
    app.answers(
        Reply(200, json.dumps({"value": [{"id": "1"}, {"id": "2"}], "@odata.nextLink": further}).encode()),
        Reply(200, json.dumps({"value": [{"id": "3"}]}).encode()),
    )
    first = await incidents({"alertId": ALERT_ID, "nextLink": None, "limit": LIMIT})
    second = await incidents({"alertId": ALERT_ID, "nextLink": first["page"]["nextLink"], "limit": LIMIT})
    assert (first["kind"], first["page"]["nextLink"]) == ("incidents", further)
    assert second["page"] == {"value": [{"id": "3"}], "nextLink": None}
    assert [request.raw_path for request in app.requests] == [path, f"{path}?$skiptoken=2"]


@pytest.mark.parametrize("list_them", [alerts, incidents])
async def test_a_link_outside_gets_no_token_even_out_of_the_history(
    app: ScriptedGraph, credentials: FakeCredentials, list_them: Any
) -> None:
    question = {
        "alertId": ALERT_ID,
        "select": [],
        "expand": [],
        "nextLink": f"{app.base_url}/beta/me?$skip=1",
        "limit": LIMIT,
    }
    observation = await list_them(question)
    assert (observation["kind"], observation["problem"]["type"]) == ("problem", f"{PREFIX}answer-unreadable")
    assert app.requests == []
    assert credentials.asked == []


@pytest.mark.parametrize("where", ["https://evil.example{path}", "{base}.evil.example{path}", "{base}{path}/refresh"])
async def test_a_location_outside_gets_no_token_and_ends_the_run(
    app: ScriptedGraph, credentials: FakeCredentials, where: str
) -> None:
    location = where.format(base=app.base_url, path=f"{ALERTS}{ALERT_ID}")
    observation = await fetch({"resourceLocation": location, "select": [], "expand": [], "limit": LIMIT})
    assert (observation["kind"], observation["problem"]["type"]) == ("problem", f"{PREFIX}alert-location-untrusted")
    assert app.requests == []
    assert credentials.asked == []


async def test_an_observation_is_json_for_the_durable_history(app: ScriptedGraph) -> None:
    for reply in (Reply(200, b'{"a": [1.5, null, "\\u00e9"]}'), Reply(429, b"", {"Retry-After": "0.249"}), Reply(404)):
        app.answers(reply)
        observation = await get({"operationId": "x"})
        assert json.loads(json.dumps(observation, allow_nan=False)) == observation


MANY = [{"id": str(number)} for number in range(5000)]


async def test_what_the_history_has_no_room_for_stays_out_of_it(app: ScriptedGraph) -> None:
    alert = {**ALERT, "alertIncidents": MANY, "alertIncidents@odata.context": "c"}
    app.answers(Reply(200, json.dumps(alert).encode()))
    observation = await fetch({"alertId": ALERT_ID, "select": [], "expand": ["alertIncidents"], "limit": LIMIT})
    assert (observation["alert"], observation["truncated"]) == (ALERT, True)
    assert observation["incidentsUrl"] == f"{app.base_url}{ALERTS}{ALERT_ID}/alertIncidents"

    app.answers(Reply(200, json.dumps({"value": [alert, ALERT]}).encode()))
    listed = await alerts({"nextLink": None, "select": [], "expand": ["alertIncidents"], "limit": LIMIT})
    assert (listed["page"]["value"], listed["truncated"]) == ([ALERT, ALERT], True)

    app.answers(Reply(200, json.dumps({"value": MANY}).encode()))
    page = await incidents({"alertId": ALERT_ID, "nextLink": None, "limit": LIMIT})
    assert (page["page"], page["truncated"]) == ({"value": [], "nextLink": None}, True)


async def test_the_collection_at_a_resource_location_is_listed(app: ScriptedGraph) -> None:
    app.answers(Reply(200, json.dumps({"value": [ALERT]}).encode()))
    location = f"{app.base_url}{ALERTS}".rstrip("/")
    observation = await fetch({"resourceLocation": location, "select": [], "expand": [], "limit": LIMIT})
    assert (observation["kind"], observation["page"]["value"]) == ("alerts", [ALERT])
    assert "$filter=scopeId" in app.requests[0].raw_path
