"""From one webhook call to the alert, over real HTTP, real tokens and a real task hub."""

import asyncio
import json
import time
from typing import Any

import pytest

from emulator.graph import Fault, GraphServer, Tenant
from tests.end_to_end.conftest import FUNCTION_KEY, OVER, App, Reply, scan

POLLS = "^GET [^?]*/operations/"


async def looked_at(tenant: Tenant) -> None:
    """Wait for the first look."""
    while not tenant.requests:  # noqa: ASYNC110 - another process has no event to set
        await asyncio.sleep(0.01)


async def test_the_documented_sample_ends_with_the_alert_at_its_resource_location(app: App, tenant: Tenant) -> None:
    operation_id = scan(tenant, seconds=3600)

    started = await app.start(operationId=operation_id)
    await looked_at(tenant)
    scan(tenant, seconds=0)
    result = await app.result(started)

    assert (started.status, result.status) == (202, 200)
    assert result.body["operation"]["status"] == "succeeded"
    assert result.body["alert"]["id"] == tenant.alert_id("StaleSignInAlert")
    assert result.body["scannedAt"] == result.body["alert"]["lastScannedDateTime"]
    assert result.body["fresh"] is True
    *looks, fetch = [request.target for request in tenant.requests]
    prefix = "/beta/identityGovernance/roleManagementAlerts"
    assert set(looks) == {f"{prefix}/operations/{operation_id}"}
    assert len(looks) >= 2, "the first look saw it running"
    assert result.body["operation"]["resourceLocation"].endswith(fetch)


async def test_the_start_answers_with_the_run_document(app: App, tenant: Tenant) -> None:
    operation_id = scan(tenant, seconds=3600)

    started = await app.start(operationId=operation_id, timeoutSeconds=77)
    await looked_at(tenant)
    scan(tenant, seconds=0)

    run, base = started.body, f"{app.host.base_url}/api/runs/{started.body['id']}"
    assert started.headers["Location"] == f"{base}/result"
    assert int(started.headers["Retry-After"]) >= 1
    assert run["state"] == "queued"
    assert run["target"] == {"operationId": operation_id}
    assert run["links"] == {"self": base, "result": f"{base}/result", "cancel": base}
    assert (run["polls"], run["nextPollAt"], run["operation"], run["problem"]) == (0, None, None, None)
    await app.result(started)
    ended = (await app.call("GET", base)).body
    assert ended["state"] == "succeeded"
    assert ended["polls"] >= 2
    assert ended["operation"]["status"] == "succeeded"
    assert (ended["createdAt"], ended["deadline"]) == (run["createdAt"], run["deadline"])


async def test_while_it_waits_the_result_says_where_and_when_to_look_again(app: App, tenant: Tenant) -> None:
    started = await app.start(operationId=scan(tenant, seconds=60), timeoutSeconds=50)

    while (reply := await app.call("GET", started.headers["Location"])).body["polls"] == 0:
        pass
    await app.call("DELETE", started.body["links"]["cancel"])

    assert reply.status == 202
    assert reply.body["state"] == "waiting"
    assert reply.body["operation"]["status"] == "running"
    assert reply.headers["Location"] == started.headers["Location"]
    assert int(reply.headers["Retry-After"]) >= 1


async def test_expand_and_select_reach_graph(app: App, tenant: Tenant) -> None:
    question = {"operationId": scan(tenant), "select": ["id", "isActive"], "expand": "alertIncidents,alertDefinition"}
    result = await app.result(await app.start(**question))

    assert tenant.requests[-1].target.partition("?")[2] == (
        "$select=id,isActive,lastScannedDateTime&$expand=alertDefinition,alertIncidents"
    )
    assert len(result.body["alert"]["alertIncidents"]) == 3
    assert "incidentCount" not in result.body["alert"]
    assert result.body["fresh"] is True


async def test_one_question_is_one_run_in_whatever_form_and_a_new_run_after_its_end(
    app: App, tenant: Tenant, graph: GraphServer
) -> None:
    operation_id = scan(tenant, seconds=3600)
    question = {"operationId": operation_id, "timeoutSeconds": 61}

    first = await app.start(**question)
    again = await app.start(operationUrl=graph.operation_url(operation_id), timeoutSeconds=61)
    in_query = await app.call("POST", f"/api/runs?operationId={operation_id}&timeoutSeconds=61")
    scan(tenant, seconds=0)
    await app.result(first)
    polls = len(tenant.requests)
    after = await app.start(**question)
    await app.result(after)

    assert {reply.status for reply in (first, again, in_query, after)} == {202}
    assert {reply.body["id"] for reply in (first, again, in_query, after)} == {first.body["id"]}
    assert first.body["createdAt"] == again.body["createdAt"] == in_query.body["createdAt"]
    assert after.body["createdAt"] > first.body["createdAt"]
    assert len(tenant.requests) == polls + 2, "the new run looked for itself"


async def test_starts_that_race_make_one_run(app: App, tenant: Tenant) -> None:
    operation_id = scan(tenant, seconds=3600)

    replies = await asyncio.gather(*(app.start(operationId=operation_id, timeoutSeconds=62) for _ in range(50)))
    scan(tenant, seconds=0)
    await app.result(replies[0])

    assert {reply.status for reply in replies} == {202}
    assert len({reply.body["id"] for reply in replies}) == 1
    fetches = [request for request in tenant.requests if "/alerts/" in request.target]
    assert len(fetches) == 1


@pytest.mark.parametrize("outcome", ["failed", "skipped"])
async def test_an_operation_that_ends_badly_is_a_failed_run(app: App, tenant: Tenant, outcome: str) -> None:
    started = await app.start(operationId=scan(tenant, outcome=outcome))
    result = await app.result(started)

    assert result.status == 424
    assert result.headers["Content-Type"] == "application/problem+json"
    assert result.body["type"] == f"urn:problem-type:pim-alert-refresh:operation-{outcome}"
    run = (await app.call("GET", started.body["links"]["self"])).body
    assert run["state"] == "failed"
    assert run["problem"] == result.body
    [instance] = [each for each in await app.instances() if each["instanceId"] == run["id"]]
    assert instance["runtimeStatus"] == "Failed", "the portal counts it as failed"
    assert instance["customStatus"]["problem"] == result.body
    assert not [request for request in tenant.requests if "/alerts/" in request.target]


async def test_a_deadline_ends_the_wait(app: App, tenant: Tenant) -> None:
    started = await app.start(operationId=scan(tenant, seconds=600), timeoutSeconds=1)
    result = await app.result(started)

    assert result.status == 424
    assert result.body["type"].endswith(":timed-out")
    assert "'running'" in result.body["detail"]
    assert (await app.call("GET", started.body["links"]["self"])).body["state"] == "timedOut"


async def test_cancel(app: App, tenant: Tenant) -> None:
    started = await app.start(operationId=scan(tenant, seconds=600))
    cancel = started.body["links"]["cancel"]

    cancelled = await app.call("DELETE", cancel)
    result = await app.result(started)
    again = await app.call("DELETE", cancel)

    assert (cancelled.status, result.status, again.status) == (202, 410, 410)
    assert result.body["type"].endswith(":run-cancelled")
    assert again.body["type"].endswith(":run-over")
    assert (await app.call("GET", started.body["links"]["self"])).body["state"] == "cancelled"


@pytest.mark.parametrize(
    "path", ["00000000-0000-5000-8000-000000000000", "00000000-0000-5000-8000-000000000000/result", "nonsense"]
)
async def test_an_unknown_run_is_a_404(app: App, path: str) -> None:
    reply = await app.call("GET", f"/api/runs/{path}")

    assert reply.status == 404
    assert reply.body["type"].endswith(":run-not-found")


async def test_the_scan_before_not_before_is_waited_over(app: App, tenant: Tenant) -> None:
    stale = scan(tenant, "RedundantAssignmentAlert", seconds=0)
    not_before = "2999-01-01T00:00:00Z"

    result = await app.result(await app.start(operationId=stale, notBefore=not_before, timeoutSeconds=1))

    assert result.body["type"].endswith(":timed-out")
    assert "notBefore" in result.body["detail"]


TROUBLES: dict[str, list[Fault]] = {
    "503 twice": [Fault(POLLS, status=503, times=2)],
    "429 with a decimal Retry-After": [Fault(POLLS, status=429, headers={"Retry-After": "0.249"})],
    "an HTML page from a gateway": [Fault(POLLS, status=502, body=b"<html>Bad gateway</html>")],
    "a 200 that is not JSON": [Fault(POLLS, status=200, body=b"<html>")],
    "a connection that breaks": [
        Fault(POLLS, drop="before headers"),
        Fault(POLLS, status=200, body=b"{}" * 9, drop="mid body"),
    ],
    "a 401 once": [Fault(POLLS, status=401)],
    "503 on the alert": [Fault("^GET [^?]*/alerts/", status=503)],
}


@pytest.mark.parametrize("faults", TROUBLES.values(), ids=TROUBLES)
async def test_what_time_mends_does_not_lose_the_run(app: App, tenant: Tenant, faults: list[Fault]) -> None:
    tenant.faults.extend(faults)

    result = await app.result(await app.start(operationId=scan(tenant)))

    assert result.status == 200
    assert all(fault.times == 0 for fault in faults), "every fault was met"


HIDDEN = {"errorCode": "PermissionScopeNotGranted", "message": "Authorization failed due to missing permission scope."}
REFUSALS: dict[str, tuple[Fault, str, dict[str, Any]]] = {
    "missing permission": (
        Fault(POLLS, status=403, json={"error": {"code": "UnknownError", "message": json.dumps(HIDDEN)}}),
        "permission-missing",
        {"status": 403, "code": "PermissionScopeNotGranted"},
    ),
    "unknown operation": (
        Fault(POLLS, status=404, json={"error": {"code": "ResourceNotFound", "message": "No such thing."}}),
        "operation-not-found",
        {"status": 404, "code": "ResourceNotFound"},
    ),
    "a token refused for good": (Fault(POLLS, status=401, times=2), "token-refused", {"status": 401}),
    "a redirect": (
        Fault(POLLS, status=302, headers={"Location": "http://127.0.0.1:1/elsewhere"}),
        "request-refused",
        {"status": 302},
    ),
}


@pytest.mark.parametrize(("fault", "name", "graph_said"), REFUSALS.values(), ids=REFUSALS)
async def test_what_time_does_not_mend_ends_the_run_with_graphs_words(
    app: App, tenant: Tenant, fault: Fault, name: str, graph_said: dict[str, Any]
) -> None:
    tenant.faults.append(fault)

    result = await app.result(await app.start(operationId=scan(tenant)))

    assert result.status == 424
    assert result.body["type"] == f"urn:problem-type:pim-alert-refresh:{name}"
    assert result.body["graph"].items() >= graph_said.items()
    sent = {request.headers["client-request-id"] for request in tenant.requests}
    assert result.body["graph"]["clientRequestId"] in sent


async def test_a_token_goes_to_no_other_origin(app: App, tenant: Tenant) -> None:
    async with GraphServer(Tenant()) as elsewhere:
        foreign = elsewhere.alert_url(elsewhere.tenant.alert_id("StaleSignInAlert"))
        document = {"id": "foreign", "status": "succeeded", "resourceLocation": foreign}
        tenant.put_operation(document)

        result = await app.result(await app.start(operationId="foreign"))

        assert result.body["type"].endswith(":url-untrusted")
        assert elsewhere.requests == []


async def test_the_code_of_the_caller_comes_back_in_links_and_only_then(app: App, tenant: Tenant) -> None:
    question = {"operationId": scan(tenant, seconds=0), "timeoutSeconds": 63}
    by_code = await app.call("POST", f"/api/runs?code={FUNCTION_KEY}", key=None, json=question)
    by_header = await app.start(**question)

    followed = await app.call("GET", by_code.headers["Location"], key=None)

    assert followed.status in {200, 202}
    assert all(link.endswith(f"?code={FUNCTION_KEY}") for link in by_code.body["links"].values())
    assert FUNCTION_KEY not in json.dumps(by_header.body) + str(by_header.headers)
    assert (await app.call("GET", by_header.headers["Location"], key=None)).status == 401


async def ended(app: App, started: Reply) -> dict[str, Any]:
    """Return the run document once the run is over."""
    while (run := (await app.call("GET", started.body["links"]["self"])).body)["state"] not in OVER:
        pass
    return dict(run)


async def test_each_look_is_one_line_in_the_log(app: App, tenant: Tenant) -> None:
    run = await ended(app, await app.start(operationId=scan(tenant), timeoutSeconds=64))

    lines = [line for line in app.host.log.splitlines() if run["id"] in line and '"event": "look"' in line]
    told = [json.loads(line[line.index("{") :]) for line in lines]
    assert [each["decision"] for each in told] == ["wait"] * (run["polls"] - 1) + ["fetch", "succeed"]
    sent = [request.headers["client-request-id"] for request in tenant.requests]
    assert [each["clientRequestId"] for each in told] == sent
    assert "get_token" not in app.host.log, "azure-identity would write three lines for each look"


async def test_a_caller_that_prefers_to_wait_gets_the_alert_in_one_call(app: App, tenant: Tenant) -> None:
    question = {"operationId": scan(tenant), "timeoutSeconds": 65}
    answer = await app.call("POST", "/api/runs", json=question, headers={"Prefer": "respond-async, wait=30"})

    assert answer.status == 200
    assert answer.headers["Preference-Applied"] == "wait=30"
    assert answer.body["alert"]["id"] == tenant.alert_id("StaleSignInAlert")


async def test_the_wait_of_a_caller_ends_before_the_run_does(app: App, tenant: Tenant) -> None:
    started = await app.start(operationId=scan(tenant, seconds=600), timeoutSeconds=66)
    began = time.monotonic()
    answer = await app.call("GET", started.headers["Location"], headers={"Prefer": "wait=1"})

    assert 1 <= time.monotonic() - began < 10
    assert (answer.status, answer.headers["Preference-Applied"]) == (202, "wait=1")
    assert answer.headers["Location"] == started.headers["Location"]
    await app.call("DELETE", started.body["links"]["cancel"])


async def test_a_failure_within_the_wait_is_told_at_once(app: App, tenant: Tenant) -> None:
    question = {"operationId": scan(tenant, outcome="failed"), "timeoutSeconds": 67}
    answer = await app.call("POST", "/api/runs", json=question, headers={"Prefer": "wait=30"})

    assert answer.status == 424
    assert answer.body["type"].endswith(":operation-failed")
