"""`GET /alerts` on a stub of the task hub, and with an answer of Graph that the test makes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import azure.functions as func
import grpc
import pytest

from alert_refresh.graph.errors import GraphRefused, GraphUnreachable, IdentityError, describe_fault
from alert_refresh.hub.client import Client
from alert_refresh.run.observations import Observation
from alert_refresh.run.state import Target, make_run
from tests.hub.stub import COMPLETED, HubStub
from tests.support.graph_samples import ALERT, ALERT_ID, OPERATION_ID, RUN_ID, make_wish
from tests.support.openapi_answers import AnswerValidator
from tests.web.http import PRIVATE, Query, call, read_problem, request
from tests.web.test_triggers import HangingStub
from triggers.alerts import get_alert, list_alerts
from triggers.get_openapi import read_document
from triggers.unknown_route import unknown_route

CHECK = AnswerValidator(read_document()).check
API = "https://app.example/api"
TENANT = "19356be4-7e93-4ed6-a7c6-0ae28454d125"
PORTAL = "https://portal.azure.com/#view/Microsoft_Azure_PIMCommon/AlertDetail/providerId/aadroles/alertId"
DEFINITION = {"displayName": "Potential stale accounts", "severityLevel": "medium"}
WHOLE: dict[str, Any] = {**ALERT, "alertDefinition": DEFINITION, "alertConfiguration": {"isEnabled": True}}


class Graph:
    """Stands for `read_alerts`: answers with `observation`, and notes what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.observation: Observation = {"kind": "alerts", "alerts": [], "incidentsCut": [], "answeredAt": None}

    def answers(self, *alerts: Any) -> None:
        self.observation = {**self.observation, "alerts": list(alerts)}

    async def __call__(self, alert_id: str | None = None) -> Observation:
        self.asked.append(alert_id)
        kind: Any = "alert" if alert_id else "alerts"
        return self.observation if self.observation["kind"] == "fault" else {**self.observation, "kind": kind}


class RefusingStub(HubStub):
    def __init__(self) -> None:
        super().__init__()
        self.refuse = lambda _: grpc.StatusCode.UNAVAILABLE


@pytest.fixture
def graph(monkeypatch: pytest.MonkeyPatch) -> Graph:
    answering = Graph()
    monkeypatch.setattr("triggers.alerts.read_alerts", answering)
    return answering


def about(alert: str = "", query: Query = (), *, page: bool = False) -> func.HttpRequest:
    """Return the request for all alerts, or for `alert`; with `page` it is that of a browser."""
    headers = {"accept": "text/html"} if page else {}
    return request(url=f"{API}/alerts/{alert}".rstrip("/"), query=query, headers=headers, id=alert)


def read(answer: func.HttpResponse, path: str = "/api/alerts") -> Any:
    """Return the JSON of an answer that openapi.yaml declares."""
    assert answer.status_code == 200, answer.get_body()
    assert PRIVATE.items() <= dict(answer.headers).items()
    headers = {**answer.headers, "Content-Type": str(answer.mimetype), "Cache-Control": "no-store"}
    CHECK("GET", path, 200, headers, answer.get_body())
    return json.loads(answer.get_body())


async def show(client: Client, alert: Any, graph: Graph) -> dict[str, Any]:
    """Return what the list says of `alert`."""
    graph.answers(alert)
    [shown] = read(await call(list_alerts, about(), client))["value"]
    return dict(shown)


async def test_an_alert_in_the_list_has_what_a_reader_looks_for(client: Client, graph: Graph) -> None:
    scanned = datetime.now(UTC) - timedelta(days=3)
    shown = await show(client, {**WHOLE, "lastScannedDateTime": scanned.isoformat()}, graph)
    assert 3 * 86_400 <= shown.pop("scanAgeSeconds") < 3 * 86_400 + 60
    assert shown == {
        "shortName": "StaleSignInAlert",
        "id": ALERT_ID,
        "displayName": "Potential stale accounts",
        "severity": "medium",
        "active": True,
        "incidentCount": 2,
        "scannedAt": scanned.isoformat(),
        "disabled": False,
        "portalUrl": f"{PORTAL}/StaleSignInAlert/resourceId/{TENANT}",
        "link": f"{API}/alerts/StaleSignInAlert",
        "lastRun": None,
    }
    assert graph.asked == [None]


ODD: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"id": None, "shortName": None, "link": None, "portalUrl": None, "displayName": "", "active": None}),
    ({"id": 7, "isActive": "yes", "incidentCount": "2"}, {"id": None, "active": None, "incidentCount": None}),
    ({"id": "a/b_c"}, {"id": "a/b_c", "link": None, "portalUrl": None}),
    ({"id": "lonely"}, {"id": "lonely", "link": None}),
    ({"id": "DirectoryRole_1_New Alert"}, {"shortName": None, "link": f"{API}/alerts/DirectoryRole_1_New%20Alert"}),
    ({"alertDefinition": {"severityLevel": None}}, {"severity": None}),
    ({"alertDefinition": {"severityLevel": 5, "displayName": 6}}, {"severity": None}),
    ({"alertDefinition": {"severityLevel": "catastrophic"}}, {"severity": "catastrophic"}),
    ({"alertDefinition": "<b>"}, {"severity": None}),
    ({"alertConfiguration": {"isEnabled": False}}, {"disabled": True}),
    ({"alertConfiguration": None}, {"disabled": False}),
    ({"lastScannedDateTime": "0001-01-01T00:00:00Z"}, {"scannedAt": None, "scanAgeSeconds": None}),
    ({"lastScannedDateTime": "soon"}, {"scannedAt": None, "scanAgeSeconds": None}),
    ({"lastScannedDateTime": 5}, {"scannedAt": None, "scanAgeSeconds": None}),
    ({"lastScannedDateTime": "9999-12-31T00:00:00Z"}, {"scanAgeSeconds": 0}),
]


@pytest.mark.parametrize(("alert", "expected"), ODD, ids=json.dumps)
async def test_an_odd_alert_is_listed_all_the_same(
    client: Client, graph: Graph, alert: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert expected.items() <= (await show(client, alert, graph)).items()
    page = await call(list_alerts, about(page=True), client)
    assert (page.status_code, page.mimetype) == (200, "text/html")


async def test_one_alert_is_as_graph_sent_it_with_the_same_members(client: Client, graph: Graph) -> None:
    alert = {**WHOLE, "alertIncidents": [{"id": "1", "new": [None]}]}
    shown = await show(client, alert, graph)
    cut: Any = {"alertId": ALERT_ID, "returned": 1, "count": 2, "url": "https://graph.microsoft.com/x"}
    graph.observation = {**graph.observation, "incidentsCut": [cut]}
    document = read(await call(get_alert, about("stalesigninalert"), client), "/api/alerts/x")

    assert document["alert"] == alert
    assert document["incidentsCut"] == [cut]
    assert {**shown, "scanAgeSeconds": document["scanAgeSeconds"]}.items() <= document.items()
    assert graph.asked == [None, "StaleSignInAlert"]


# The newest run


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Target("alertId", "StaleSignInAlert"), True),
        (Target("alertId", ALERT_ID), True),
        (Target("allAlerts"), True),
        (Target("operationId", OPERATION_ID), True),
        (Target("alertId", "InvalidLicenseAlert"), False),
        (Target("operationId", "5c5670d6-a2c0-a394-ef42-982954856de5"), False),
    ],
    ids=str,
)
async def test_the_last_run_is_the_newest_one_about_the_alert(
    client: Client, stub: HubStub, graph: Graph, target: Target, *, expected: bool
) -> None:
    now = datetime.now(UTC)
    older = make_wish(now - timedelta(hours=5), target=Target("alertId", "StaleSignInAlert"))
    stub.put(make_run("0d4c1f7e-53b4-5c9e-8a11-9c7f6b6f2f0e", older), COMPLETED)
    run = make_run(RUN_ID, make_wish(now - timedelta(hours=1), target=target))
    stub.put(run, COMPLETED)
    last = (await show(client, WHOLE, graph))["lastRun"]

    assert (last["id"] == RUN_ID) is expected
    assert last["state"] == "succeeded"
    assert last["link"] == f"{API}/runs/{last['id']}"
    assert datetime.fromisoformat(last["createdAt"]) < now


async def test_an_alert_without_an_id_has_only_the_runs_of_all(client: Client, stub: HubStub, graph: Graph) -> None:
    now = datetime.now(UTC)
    stub.put(make_run(RUN_ID, make_wish(now)))
    assert (await show(client, {}, graph))["lastRun"] is None
    stub.put(make_run(RUN_ID, make_wish(now, target=Target("allAlerts"))))
    assert (await show(client, {}, graph))["lastRun"]["id"] == RUN_ID


@pytest.mark.parametrize("alert", ["", "StaleSignInAlert"])
@pytest.mark.parametrize("hub", [HangingStub(), RefusingStub()], ids=["hangs", "refuses"])
async def test_a_hub_that_does_not_answer_costs_only_the_last_runs(
    client: Client, graph: Graph, monkeypatch: pytest.MonkeyPatch, alert: str, hub: Any
) -> None:
    monkeypatch.setattr("triggers.alerts.RUNS_SECONDS", 0.01)
    client._stub = hub  # noqa: SLF001 - what the SDK would call
    graph.answers(WHOLE)
    trigger, path = (get_alert, "/api/alerts/x") if alert else (list_alerts, "/api/alerts")
    document = read(await call(trigger, about(alert), client), path)
    page = await call(trigger, about(alert, page=True), client)

    assert document["lastRunKnown"] is False
    assert (document if alert else document["value"][0])["lastRun"] is None
    assert "The task hub did not answer in time, so the last runs are not known." in page.get_body().decode()


# Refusals


@pytest.mark.parametrize("alert", ["", "StaleSignInAlert"])
@pytest.mark.parametrize(
    ("error", "name", "wait"),
    [
        (GraphRefused(403, "UnknownError", "Forbidden"), "permission-missing", None),
        (GraphRefused(400, "PimLicenseRequired", "No licence"), "license-missing", None),
        (GraphRefused(401), "token-refused", None),
        (GraphRefused(429), "throttled", 19.1),
        (GraphRefused(429), "throttled", None),
        (GraphRefused(503), "graph-unavailable", 7.0),
        (GraphUnreachable("no answer in time"), "graph-unavailable", None),
        (IdentityError("no endpoint"), "identity-unavailable", None),
    ],
    ids=str,
)
async def test_a_refusal_of_graph_is_the_problem_that_a_run_would_have(  # noqa: PLR0913, PLR0917 - rows of a table
    client: Client, stub: HubStub, graph: Graph, alert: str, error: Any, name: str, wait: float | None
) -> None:
    error.retry_after = wait
    graph.observation = describe_fault(error, "alerts")
    trigger = get_alert if alert else list_alerts
    answer, page = await call(trigger, about(alert), client), await call(trigger, about(alert, page=True), client)
    detail = graph.observation["problem"]["detail"]

    assert (read_problem(answer), stub.requests) == ((424, name, detail), [])
    assert (page.status_code, page.mimetype) == (424, "text/html")
    # A part of a second counts as a whole one.
    expected = None if wait is None else str(-int(-wait // 1))
    assert answer.headers.get("Retry-After") == page.headers.get("Retry-After") == expected
    assert json.loads(answer.get_body()).get("retryAfter") == (expected and int(expected))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("StaleSignIn", "did you mean StaleSignInAlert?"),
        ("x", "the names are InvalidLicenseAlert, "),
        ("a\nb_c", "the names are InvalidLicenseAlert, "),
        ("x" * 5000, "the names are InvalidLicenseAlert, "),
    ],
    ids=["close", "far", "a line break", "long"],
)
async def test_an_unknown_name_is_not_found_and_graph_is_not_asked(
    client: Client, graph: Graph, text: str, hint: str
) -> None:
    status, name, detail = read_problem(await call(get_alert, about(text), client))
    assert (status, name, graph.asked) == (404, "no-such-alert", [])
    assert hint in detail


async def test_an_id_that_graph_does_not_know_is_not_found(client: Client, graph: Graph) -> None:
    graph.observation = describe_fault(GraphRefused(404, "ResourceNotFound", "Not found", "request-1"), "alert")
    answer = await call(get_alert, about("DirectoryRole_1_OtherAlert"), client)

    assert read_problem(answer)[:2] == (404, "no-such-alert")
    assert "as StaleSignInAlert, or DirectoryRole_<tenant id>_<name>" in read_problem(answer)[2]
    assert json.loads(answer.get_body())["graph"]["requestId"] == "request-1"


@pytest.mark.parametrize("trigger", [list_alerts, get_alert])
async def test_an_unknown_parameter_is_refused_before_graph_is_asked(
    client: Client, graph: Graph, trigger: Any
) -> None:
    status, name, detail = read_problem(await call(trigger, about("x_y", {"fresh": "true"}), client))
    assert (status, name, graph.asked) == (400, "invalid-request", [])
    assert detail == "fresh is unknown; this route has no parameters."


# Links


async def test_a_key_in_the_query_is_carried_along(client: Client, stub: HubStub, graph: Graph) -> None:
    stub.put(make_run(RUN_ID, make_wish(datetime.now(UTC))))
    graph.answers(WHOLE)
    [shown] = read(await call(list_alerts, about(query={"code": "a/b"}), client))["value"]
    page = (await call(list_alerts, about(query={"code": "a/b"}, page=True), client)).get_body().decode()

    assert shown["link"] == f"{API}/alerts/StaleSignInAlert?code=a%2Fb"
    assert shown["lastRun"]["link"] == f"{API}/runs/{RUN_ID}?code=a%2Fb"
    assert f'href="{API}/alerts?code=a%2Fb"' in page
    assert f'href="{API}/runs?code=a%2Fb"' in page
    assert "code" not in shown["portalUrl"]


@pytest.mark.parametrize("path", ["", "/"])
async def test_the_root_leads_to_the_front_page(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    answer = await call(unknown_route, replace_method(request(url=f"{API}{path}", query={"code": "key"}), "GET"))
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{API}/alerts?code=key")
    assert PRIVATE.items() <= dict(answer.headers).items()
    posted = await call(unknown_route, replace_method(request(url=f"{API}{path}"), "POST"))
    assert read_problem(posted)[:2] == (404, "no-such-route")

    monkeypatch.setenv("PUBLIC_URL", "https://gateway.example/pim")
    answer = await call(unknown_route, replace_method(request(url=f"{API}{path}"), "GET"))
    assert answer.headers["Location"] == "https://gateway.example/pim/alerts"


def replace_method(sent: func.HttpRequest, method: str) -> func.HttpRequest:
    return func.HttpRequest(method, sent.url, params=dict(sent.params), headers=dict(sent.headers), body=b"")
