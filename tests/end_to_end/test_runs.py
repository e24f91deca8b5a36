"""From one webhook call to the alert, over real HTTP, real tokens and a real task hub."""

import asyncio
import json
import time
from typing import Any

import pytest

from emulator.graph import Fault, GraphServer, Tenant
from tests.end_to_end.conftest import FUNCTION_KEY, App, scan


async def test_the_documented_sample_ends_with_the_alert_at_its_resource_location(app: App, tenant: Tenant) -> None:
    operation_id = scan(tenant, seconds=3600)

    started = await app.start(operationId=operation_id, timeoutSeconds=77)
    waiting = await app.poll(started)
    between = await app.call("GET", started.headers["Location"])
    scan(tenant, seconds=0)
    result = await app.result(started)

    run, base = started.body, f"{app.host.base_url}/api/runs/{started.body['id']}"
    assert (started.status, between.status, result.status) == (202, 202, 200)
    assert started.headers["Location"] == between.headers["Location"] == f"{base}/result"
    assert (run["state"], waiting["state"]) == ("queued", "polling")
    assert run["target"] == {"operationId": operation_id}
    assert run["links"] == {"self": base, "result": f"{base}/result", "cancel": base}
    assert waiting["operation"]["status"] == "running"
    assert result.body["operation"]["status"] == "succeeded"
    assert result.body["alert"]["id"] == tenant.alert_id("StaleSignInAlert")
    assert result.body["scannedAt"] == result.body["alert"]["lastScannedDateTime"]
    assert result.body["fresh"] is True
    assert (result.body["changed"], result.body["changes"]) == (None, None), "it names no subscriber"
    *polls, fetch = [request.target for request in tenant.requests]
    prefix = "/beta/identityGovernance/roleManagementAlerts"
    assert polls == [f"{prefix}/operations/{operation_id}"] * 2
    assert result.body["operation"]["resourceLocation"].endswith(fetch.partition("?")[0])
    ended = await app.document(started)
    assert (ended["state"], ended["polls"], ended["operation"]["status"]) == ("succeeded", 2, "succeeded")
    assert (ended["createdAt"], ended["deadline"]) == (run["createdAt"], run["deadline"])


async def test_expand_and_select_reach_graph_and_nothing_else_comes_back(app: App, tenant: Tenant) -> None:
    result = await app.run(operationId=scan(tenant), select=["id", "isActive"], expand="alertIncidents,alertDefinition")

    names = {name for name in result.body["alert"] if "@" not in name}
    assert names == {"id", "isActive", "alertIncidents", "alertDefinition"}
    assert len(result.body["alert"]["alertIncidents"]) == 3
    assert result.body["fresh"] is True


async def test_the_same_request_in_every_form_starts_a_run_of_its_own(
    app: App, tenant: Tenant, graph: GraphServer
) -> None:
    operation_id = scan(tenant, seconds=0)

    starts = [
        await app.start(operationId=operation_id, timeoutSeconds=61),
        await app.start(operationUrl=graph.operation_url(operation_id), timeoutSeconds="61"),
        await app.call("POST", f"/api/runs?operationId={operation_id}&timeoutSeconds=61"),
        await app.call("POST", "/api/runs?timeoutSeconds=61", json={"operationId": operation_id}),
    ]
    results = [await app.result(started) for started in starts]

    assert [started.body["target"] for started in starts] == [{"operationId": operation_id}] * 4
    assert [result.status for result in results] == [200] * 4
    assert len({result.body["runId"] for result in results}) == 4
    assert len(tenant.requests) == 8, "each run polls and fetches for itself"


@pytest.mark.parametrize("outcome", ["failed", "skipped"])
async def test_an_operation_that_ends_badly_is_a_failed_run(app: App, tenant: Tenant, outcome: str) -> None:
    started = await app.start(operationId=scan(tenant, seconds=0, outcome=outcome))
    result = await app.result(started)

    assert result.status == 424
    assert result.headers["Content-Type"] == "application/problem+json"
    assert result.body["type"] == f"urn:problem-type:pim-alert-refresh:operation-{outcome}"
    run = await app.document(started)
    assert (run["state"], run["problem"]) == ("failed", result.body)
    [instance] = [each for each in await app.instances() if each["instanceId"] == run["id"]]
    assert instance["runtimeStatus"] == "Failed", "the portal counts it as failed"
    assert not [request for request in tenant.requests if "/alerts/" in request.target]


async def test_a_run_that_is_cancelled_is_over_and_stays_so(app: App, tenant: Tenant) -> None:
    started = await app.start(operationId=scan(tenant, seconds=600))

    cancelled = await app.cancel(started)
    result = await app.result(started)
    again = await app.cancel(started)

    assert (cancelled.status, result.status, again.status) == (202, 410, 410)
    assert (result.problem, again.problem) == ("run-cancelled", "run-over")
    assert (await app.document(started))["state"] == "cancelled"


TROUBLES: dict[str, list[dict[str, Any]]] = {
    "503 twice": [{"status": 503, "times": 2}],
    "429 with a decimal Retry-After": [{"status": 429, "headers": {"Retry-After": "0.249"}}],
    "an HTML page from a gateway": [{"status": 502, "body": b"<html>Bad gateway</html>"}],
    "a 200 that is not JSON": [{"status": 200, "body": b"<html>"}],
    "a connection that breaks": [{"drop": "before headers"}, {"status": 200, "body": b"{}" * 9, "drop": "mid body"}],
    "a 401 once": [{"status": 401}],
}


async def test_what_passes_does_not_lose_a_run(app: App, tenant: Tenant, graph: GraphServer) -> None:
    location = graph.alert_url(tenant.alert_id("StaleSignInAlert"))
    for name, faults in TROUBLES.items():
        tenant.put_operation({"id": name, "status": "succeeded", "resourceLocation": location})
        tenant.faults += [Fault(f"/operations/{name.replace(' ', '%20')}$", **fault) for fault in faults]
    tenant.faults.append(Fault("^GET [^?]*/alerts/", status=503))

    results = await asyncio.gather(*(app.run(operationId=name) for name in TROUBLES))

    assert [result.status for result in results] == [200] * len(TROUBLES)
    assert [fault for fault in tenant.faults if fault.times != 0] == [], "every fault was met"


HIDDEN = {"errorCode": "PermissionScopeNotGranted", "message": "Authorization failed due to missing permission scope."}


REFUSALS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "missing-permission": (
        {"status": 403, "json": {"error": {"code": "UnknownError", "message": json.dumps(HIDDEN)}}},
        "permission-missing",
        {"status": 403, "code": "PermissionScopeNotGranted"},
    ),
    "unknown-operation": (
        {"status": 404, "json": {"error": {"code": "ResourceNotFound", "message": "No such thing."}}},
        "operation-not-found",
        {"status": 404, "code": "ResourceNotFound"},
    ),
    "refused-token": ({"status": 401}, "token-refused", {"status": 401}),
    "redirect": ({"status": 302, "headers": {"Location": "http://127.0.0.1:1/x"}}, "request-refused", {"status": 302}),
}
"""An answer to every poll, and what the problem of the run says: its name, and Graph's words."""


async def test_what_does_not_pass_ends_the_run_with_graphs_words(app: App, tenant: Tenant) -> None:
    tenant.faults += [Fault(f"/operations/{name}$", times=None, **answer) for name, (answer, *_) in REFUSALS.items()]

    results = await asyncio.gather(*(app.run(operationId=name) for name in REFUSALS))

    requests = {request.headers["client-request-id"] for request in tenant.requests}
    for result, (_, problem, graph) in zip(results, REFUSALS.values(), strict=True):
        assert (result.status, result.problem) == (424, problem)
        assert result.body["graph"].items() >= graph.items()
        assert result.body["graph"]["clientRequestId"] in requests


async def test_what_a_run_waits_for_is_in_its_document(app: App, tenant: Tenant) -> None:
    operation_id = scan(tenant, seconds=0)
    tenant.faults.append(Fault(f"/operations/{operation_id}$", status=503, headers={"Retry-After": "30"}))

    started = await app.start(operationId=operation_id)
    waiting = await app.poll(started)
    await app.cancel(started)
    await app.result(started)
    over = await app.document(started)

    assert waiting["waitingFor"]["problem"]["type"].endswith(":graph-unavailable")
    assert waiting["waitingFor"]["tries"] == 1
    assert (over["state"], over["waitingFor"]) == ("cancelled", None)


async def test_the_code_of_the_caller_comes_back_in_links_and_only_then(app: App, tenant: Tenant) -> None:
    request = {"operationId": scan(tenant, seconds=0)}
    by_code = await app.call("POST", f"/api/runs?code={FUNCTION_KEY}", key=None, json=request)
    by_header = await app.start(**request)

    await app.result(by_header)
    followed = await app.result(by_code, key=None)

    assert followed.status == 200
    assert all(link.endswith(f"?code={FUNCTION_KEY}") for link in by_code.body["links"].values())
    assert FUNCTION_KEY not in json.dumps(by_header.body) + str(by_header.headers)
    assert (await app.call("GET", by_header.headers["Location"], key=None)).status == 401


async def test_each_step_is_one_line_in_the_log(app: App, tenant: Tenant) -> None:
    started = await app.start(operationId=scan(tenant))
    run_id = (await app.result(started)).body["runId"]

    await app.host.read_lines(run_id, '"event": "end"')
    lines = await app.host.read_lines(run_id, '"event": "poll"')
    steps = [json.loads(line[line.index("{") :]) for line in lines]
    assert [step["decision"] for step in steps] == ["wait", "proceed", "end"]
    requests = [request.headers["client-request-id"] for request in tenant.requests]
    assert [step["clientRequestId"] for step in steps] == requests
    assert "get_token" not in app.host.log, "azure-identity would write three lines for each poll"


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
async def test_a_caller_that_prefers_to_wait_gets_the_outcome_in_one_call(
    app: App, tenant: Tenant, outcome: str
) -> None:
    request = {"operationId": scan(tenant, outcome=outcome)}
    answer = await app.call("POST", "/api/runs", json=request, headers={"Prefer": "respond-async, wait=30"})

    assert answer.status == (200 if outcome == "succeeded" else 424)
    assert answer.headers["Preference-Applied"] == "wait=30"


async def test_the_wait_of_a_caller_ends_before_the_run_does(app: App, tenant: Tenant) -> None:
    started = await app.start(operationId=scan(tenant, seconds=600))
    began = time.monotonic()
    answer = await app.call("GET", started.headers["Location"], headers={"Prefer": "wait=1"})

    assert 1 <= time.monotonic() - began < 10
    assert (answer.status, answer.headers["Preference-Applied"]) == (202, "wait=1")
    assert answer.headers["Location"] == started.headers["Location"]
    await app.cancel(started)
