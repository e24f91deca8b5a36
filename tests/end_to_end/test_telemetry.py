"""What telemetry hears of real runs: one trace each, the metrics, the log lines; no secret in a byte of it."""

import json
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from emulator.faults import Fault, ReceivedRequest
from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import ALLOWED, App, Reply, hosted, make_settings, scan
from tests.end_to_end.test_secrecy import SIGNATURE, list_secrets, people
from tests.support.application_insights import Insights, application_insights
from tests.support.otlp_collector import Collector, Value, attributes
from tests.support.receiver import Receiver

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
"""Of the request that starts the first run."""
PARENT = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
FEW = {
    *("http.request.method", "http.response.status_code", "error.type", "server.address", "server.port"),
    *("pim_alert_refresh.run.outcome", "pim_alert_refresh.callback.outcome"),
}
"""Attributes of metrics. Each has few values, and none is of a tenant or a run."""


@dataclass(frozen=True)
class Telemetry:
    """Four runs that are over, and what a collector heard of them."""

    collector: Collector
    requests: list[ReceivedRequest]
    starts: list[Reply]
    results: list[Reply]

    def find_requests(self, method: str, of: str = "") -> dict[str, ReceivedRequest]:
        """Return the requests to Graph, by client-request-id: aiohttp may repeat a request that was dropped."""
        return {
            each.headers["client-request-id"]: each
            for each in self.requests
            if each.method == method and of in each.target
        }


async def play(app: App, graph: GraphServer, callback: str) -> tuple[list[Reply], list[Reply]]:
    tenant, options = graph.tenant, {"expand": "alertIncidents", "callbackUrl": f"{callback}?{SIGNATURE}"}
    alert = {"alertId": tenant.alert_id("StaleSignInAlert"), **options}
    failing = {"operationId": scan(tenant, "RedundantAssignmentAlert", outcome="failed"), **options}
    busy = {"operationId": scan(tenant, "NoMfaOnRoleActivationAlert")}
    broken = {"operationId": scan(tenant, "RolesAssignedOutsidePimAlert")}
    tenant.faults += [
        Fault("GET .*NoMfa", status=429, headers={"Retry-After": "0.5"}, times=2),
        Fault("GET .*RolesAssigned", drop="before headers", times=2),
    ]
    first = await app.call("POST", "/api/runs", json=alert, headers=PARENT)
    starts = [first, *[await app.start(**request) for request in (failing, busy, broken)]]
    return starts, [await app.result(start) for start in starts]


@pytest.fixture(scope="module")
async def heard(graph: GraphServer, identity: IdentityServer) -> AsyncGenerator[Telemetry]:
    graph.tenant.requests.clear()
    async with Collector().listen() as collecting, Receiver().listen() as caller:
        caller.answers.append((410, {}))
        async with hosted(make_settings(graph, identity, **ALLOWED, **collecting.environment)) as app:
            starts, results = await play(app, graph, f"{caller.base_url}/workflow")
            await caller.posts("/workflow", 2)
        # The app has ended, and exported the rest.
        yield Telemetry(collecting, list(graph.tenant.requests), starts, results)


def facts(span: Span) -> Mapping[str, Any]:
    return attributes(span.attributes)


def calls_to_graph(heard: Telemetry) -> list[Span]:
    return [span for span in heard.collector.spans if span.kind == Span.SPAN_KIND_CLIENT]


def test_each_call_to_graph_is_in_the_trace_of_the_request_that_started_the_run(heard: Telemetry) -> None:
    spans = {span.span_id: span for span in heard.collector.spans}
    assert [reply.status for reply in heard.results] == [200, 424, 200, 200]
    runs = set[str]()
    for call in calls_to_graph(heard):
        activity = spans[call.parent_span_id]
        request = spans[activity.parent_span_id]
        assert activity.name.startswith("activity:")
        assert request.name == "POST /api/runs"
        assert {call.trace_id, activity.trace_id, request.trace_id} == {request.trace_id}
        run_id = facts(activity)["durabletask.task.instance_id"]
        first = run_id == heard.starts[0].body["id"]
        assert (request.trace_id.hex() == TRACE) == first
        assert (request.parent_span_id.hex() == CALLER) == first
        runs.add(run_id)
    assert runs == {start.body["id"] for start in heard.starts}


def test_each_call_to_graph_has_a_span_that_names_the_request_and_the_answer(heard: Telemetry) -> None:
    asked = heard.find_requests("GET") | heard.find_requests("POST")
    assert len(calls_to_graph(heard)) == len(asked)
    for span in calls_to_graph(heard):
        request = asked[facts(span)["http.request.header.client_request_id"]]
        assert facts(span)["http.request.method"] == request.method
        assert facts(span)["url.full"].endswith(request.target.partition("?")[0])
        answered = facts(span).get("http.response.status_code") in {200, 202}
        assert ("http.response.header.request_id" in facts(span)) == answered


def test_a_connection_that_broke_is_an_error_without_words_of_the_other_side(heard: Telemetry) -> None:
    unanswered = [span for span in calls_to_graph(heard) if "http.response.status_code" not in facts(span)]
    assert {span.status.message for span in unanswered} == {"ServerDisconnectedError"}
    assert [event for span in heard.collector.spans for event in span.events] == []


@pytest.mark.parametrize(
    ("counter", "label", "counted"),
    [
        ("runs", "run.outcome", {"succeeded": 3, "operation-failed": 1}),
        ("callback.attempts", "callback.outcome", {"refused": 1, "delivered": 1}),
    ],
)
def test_runs_and_callbacks_are_counted_by_what_came_of_them(
    heard: Telemetry, counter: str, label: str, counted: dict[str, int]
) -> None:
    assert heard.collector.sums(f"pim_alert_refresh.{counter}") == {
        frozenset({(f"pim_alert_refresh.{label}", outcome)}): number for outcome, number in counted.items()
    }


def test_polls_are_counted_by_run(heard: Telemetry) -> None:
    polls = heard.collector.histograms("pim_alert_refresh.run.polls")
    assert sum(point.count for point in polls.values()) == len(heard.starts)
    assert sum(point.sum for point in polls.values()) == len(heard.find_requests("GET", "/operations/"))


def test_calls_to_graph_are_counted_by_status_and_what_graph_asked_to_wait_is_added_up(heard: Telemetry) -> None:
    by_status = Counter[Value | None]()
    for labels, point in heard.collector.histograms("http.client.request.duration").items():
        by_status[dict(labels).get("http.response.status_code")] += point.count
    unanswered = by_status.pop(None)
    assert unanswered >= 1
    gets = len(heard.find_requests("GET"))
    assert by_status == {202: len(heard.find_requests("POST")), 429: 2, 200: gets - 2 - unanswered}
    assert heard.collector.sums("pim_alert_refresh.graph.throttled") == {frozenset(): 1.0}


def test_metrics_name_no_tenant_and_no_run(heard: Telemetry) -> None:
    for metric in heard.collector.metrics:
        for labels in (*heard.collector.sums(metric.name), *heard.collector.histograms(metric.name)):
            assert dict(labels).keys() <= FEW


def test_the_log_lines_of_a_run_are_in_its_trace(heard: Telemetry) -> None:
    lines = [(line.trace_id.hex(), attributes(line.attributes)) for line in heard.collector.lines]
    of_the_run = [line for line in lines if line[1].get("runId") == heard.starts[0].body["id"]]
    assert {line["event"] for _, line in of_the_run} == {"poll", "end", "callback"}
    assert {trace for trace, _ in of_the_run} == {TRACE}


def test_a_log_line_has_its_values_as_attributes(heard: Telemetry) -> None:
    lines = [attributes(line.attributes) | {"body": line.body.string_value} for line in heard.collector.lines]
    ends = {line["runId"]: line for line in lines if line.get("event") == "end"}
    alert, failing = (ends[start.body["id"]] for start in heard.starts[:2])
    assert (alert["outcome"], failing["outcome"]) == ("succeeded", "operation-failed")
    assert "problem" not in alert
    for line in ends.values():
        written = {name: value for name, value in json.loads(str(line.pop("body"))).items() if value is not None}
        assert line == written, "the console has the same"


def test_no_secret_and_no_person_is_in_a_byte_of_it(heard: Telemetry, identity: IdentityServer) -> None:
    named = people([result.body for result in heard.results])
    assert named, "somebody is in the alerts"
    exported = b"".join(each.body for each in heard.collector.received)
    secrets = ("/workflow", *list_secrets(identity), *named)
    assert [secret for secret in secrets if secret.encode() in exported] == []


async def test_application_insights_gets_it_with_a_token_of_the_identity(
    graph: GraphServer, identity: IdentityServer, tenant: Tenant, tmp_path: Path
) -> None:
    def has_all(insights: Insights) -> bool:
        metrics = (
            metric["name"] for item in insights.of("MetricData") for metric in item["data"]["baseData"]["metrics"]
        )
        return (
            len(insights.of("RemoteDependencyData")) == len(tenant.requests)
            and "pim_alert_refresh.runs" in metrics
            and "end" in list_events(insights, TRACE)
        )

    request = {"operationId": scan(tenant)}
    async with (
        application_insights(tmp_path) as insights,
        hosted(make_settings(graph, identity, **insights.environment)) as app,
    ):
        assert (await app.result(await app.call("POST", "/api/runs", json=request, headers=PARENT))).status == 200
        await insights.until(lambda: has_all(insights))

    assert {call["tags"]["ai.operation.id"] for call in insights.of("RemoteDependencyData")} == {TRACE}
    assert {each.headers["Authorization"][:10] for each in insights.received} == {"Bearer eyJ"}
    exported = b"".join(each.body for each in insights.received)
    assert [secret for secret in list_secrets(identity) if secret.encode() in exported] == []


async def test_application_insights_gets_every_log_line_of_a_trace_that_is_not_sampled(
    graph: GraphServer, identity: IdentityServer, tenant: Tenant, tmp_path: Path
) -> None:
    request = {"operationId": scan(tenant, outcome="failed")}
    unsampled = {"traceparent": PARENT["traceparent"].removesuffix("01") + "00"}
    async with (
        application_insights(tmp_path) as insights,
        hosted(make_settings(graph, identity, **insights.environment)) as app,
    ):
        run = await app.call("POST", "/api/runs", json=request, headers=unsampled)
        assert (await app.result(run)).status == 424
        await insights.until(lambda: "end" in list_events(insights, TRACE))

    assert insights.of("RemoteDependencyData") == []
    end = list_events(insights, TRACE)["end"]
    # Attributes of their own, and texts, as in the rows that the queries are tested with.
    assert (end["runId"], end["operationId"], end["outcome"]) == (
        run.body["id"],
        request["operationId"],
        "operation-failed",
    )
    assert end["polls"].isdecimal()


def list_events(insights: Insights, trace: str) -> dict[str, dict[str, str]]:
    """Return the last line of each event in `trace`, by its customDimensions."""
    lines = [line for line in insights.of("MessageData") if line["tags"].get("ai.operation.id") == trace]
    properties = [line["data"]["baseData"]["properties"] for line in lines]
    return {each["event"]: each for each in properties if "event" in each}
