"""What Application Insights hears of a run, from the app itself and by its managed identity."""

from pathlib import Path

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import FUNCTION_KEY, hosted, make_settings, scan
from tests.end_to_end.test_telemetry import CALLER, TRACE
from tests.support.application_insights import Insights, application_insights


async def test_it_gets_calls_metrics_and_lines_of_a_run_with_a_token_of_the_identity(
    graph: GraphServer, identity: IdentityServer, tenant: Tenant, tmp_path: Path
) -> None:
    request, parent = {"operationId": scan(tenant)}, {"traceparent": f"00-{TRACE}-{CALLER}-01"}
    async with (
        application_insights(tmp_path) as insights,
        hosted(make_settings(graph, identity, **insights.environment)) as app,
    ):
        started = await app.call("POST", "/api/runs", json=request, headers=parent)
        assert (await app.result(started)).status == 200
        await insights.until(lambda: len(insights.of("RemoteDependencyData")) == len(tenant.requests))
        await insights.until(lambda: "pim_alert_refresh.runs" in metric_names(insights))
        await insights.until(lambda: '"event": "end"' in "".join(lines_of(insights, TRACE)))

    assert {call["tags"]["ai.operation.id"] for call in insights.of("RemoteDependencyData")} == {TRACE}
    assert {each.headers["Authorization"][:10] for each in insights.received} == {"Bearer eyJ"}
    exported = b"".join(each.body for each in insights.received)
    assert [secret for secret in ("eyJ", identity.secret, FUNCTION_KEY) if secret.encode() in exported] == []


def metric_names(insights: Insights) -> set[str]:
    return {metric["name"] for item in insights.of("MetricData") for metric in item["data"]["baseData"]["metrics"]}


def lines_of(insights: Insights, trace: str) -> list[str]:
    lines = insights.of("MessageData")
    return [line["data"]["baseData"]["message"] for line in lines if line["tags"].get("ai.operation.id") == trace]
