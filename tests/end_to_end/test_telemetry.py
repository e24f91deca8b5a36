"""What an OTLP collector hears of real runs: one trace each, the metrics, the log lines; no secret in a byte of it."""

from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from emulator.faults import Fault, ReceivedRequest
from emulator.graph import GraphServer
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import FUNCTION_KEY, MASTER_KEY, QUICK, SYSTEM_KEY, App, Reply, hosted, scan
from tests.end_to_end.test_secrecy import SIGNATURE, TOKEN, people
from tests.support.otlp_collector import Collector, Value, attributes, collector
from tests.support.receiver import receiver

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
"""Of the request that starts the first run."""
RUNS = 4
FEW = {
    *("http.request.method", "http.response.status_code", "error.type", "server.address", "server.port"),
    *("pim_alert_refresh.run.outcome", "pim_alert_refresh.callback.outcome"),
}
"""Attributes of metrics. Each has few values, and none is of a tenant or a run."""


@dataclass(frozen=True)
class Told:
    """Four runs that are over, and what was told of them."""

    collector: Collector
    requests: list[ReceivedRequest]
    starts: list[Reply]
    results: list[Reply]
    secrets: list[str]

    def asked(self, method: str, of: str = "") -> dict[str, ReceivedRequest]:
        """Return what Graph was asked, by client-request-id: a request that it drops, aiohttp may repeat by itself."""
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
    first = await app.call("POST", "/api/runs", json=alert, headers={"traceparent": f"00-{TRACE}-{CALLER}-01"})
    starts = [first, *[await app.start(**question) for question in (failing, busy, broken)]]
    return starts, [await app.result(start) for start in starts]


@pytest.fixture(scope="module")
async def told(graph: GraphServer, identity: IdentityServer) -> AsyncGenerator[Told]:
    graph.tenant.requests.clear()
    allowed = {"CALLBACK_ALLOWED_HOSTS": "127.0.0.1", "REFRESH_ENABLED": "true"}
    async with collector() as heard, receiver() as caller:
        caller.answers.append((410, {}))
        environment = {"GRAPH_BASE_URL": graph.base_url, **identity.environment, **QUICK, **allowed}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(graph.tenant, "scan_seconds", 0.3)
            async with hosted({**environment, **heard.environment}) as app:
                starts, results = await play(app, graph, f"{caller.base_url}/workflow")
                await caller.posts("/workflow", 2)
        # The app has ended, and told the rest.
        secrets = [TOKEN, SIGNATURE, "/workflow", identity.secret, FUNCTION_KEY, SYSTEM_KEY, MASTER_KEY]
        yield Told(heard, list(graph.tenant.requests), starts, results, secrets)


def facts(span: Span) -> Mapping[str, Any]:
    return attributes(span.attributes)


def calls_to_graph(told: Told) -> list[Span]:
    return [span for span in told.collector.spans if span.kind == Span.SPAN_KIND_CLIENT]


def test_each_call_to_graph_is_in_the_trace_of_the_request_that_started_the_run(told: Told) -> None:
    spans = {span.span_id: span for span in told.collector.spans}
    assert [reply.status for reply in told.results] == [200, 424, 200, 200]
    runs = set[str]()
    for call in calls_to_graph(told):
        activity = spans[call.parent_span_id]
        request = spans[activity.parent_span_id]
        assert activity.name.startswith("activity:")
        assert request.name == "POST /api/runs"
        assert {call.trace_id, activity.trace_id, request.trace_id} == {request.trace_id}
        run_id = facts(activity)["durabletask.task.instance_id"]
        first = run_id == told.starts[0].body["id"]
        assert (request.trace_id.hex() == TRACE) == first
        assert (request.parent_span_id.hex() == CALLER) == first
        runs.add(run_id)
    assert runs == {start.body["id"] for start in told.starts}


def test_each_call_to_graph_has_a_span_that_names_the_request_and_the_answer(told: Told) -> None:
    asked = told.asked("GET") | told.asked("POST")
    assert len(calls_to_graph(told)) == len(asked)
    for span in calls_to_graph(told):
        request = asked[facts(span)["http.request.header.client_request_id"]]
        assert facts(span)["http.request.method"] == request.method
        assert facts(span)["url.full"].endswith(request.target.partition("?")[0])
        answered = facts(span).get("http.response.status_code") in {200, 202}
        assert ("http.response.header.request_id" in facts(span)) == answered


def test_a_connection_that_broke_is_an_error_without_words_of_the_other_side(told: Told) -> None:
    unanswered = [span for span in calls_to_graph(told) if "http.response.status_code" not in facts(span)]
    assert {span.status.message for span in unanswered} == {"ServerDisconnectedError"}
    assert [event for span in told.collector.spans for event in span.events] == []


def test_runs_are_counted_by_outcome_and_their_looks_with_them(told: Told) -> None:
    outcome = "pim_alert_refresh.run.outcome"
    assert told.collector.sums("pim_alert_refresh.runs") == {
        frozenset({(outcome, "succeeded")}): 3,
        frozenset({(outcome, "operation-failed")}): 1,
    }
    polls = told.collector.histograms("pim_alert_refresh.run.polls")
    assert sum(point.count for point in polls.values()) == RUNS
    assert sum(point.sum for point in polls.values()) == len(told.asked("GET", "/operations/"))


def test_how_late_an_end_was_seen_is_measured_where_it_was_awaited(told: Told) -> None:
    (lag,) = told.collector.histograms("pim_alert_refresh.operation.lag").values()
    assert 1 <= lag.count <= RUNS
    assert 0 <= lag.min <= lag.max < 20


def test_calls_to_graph_are_counted_by_status_and_what_graph_asked_to_wait_is_added_up(told: Told) -> None:
    by_status = Counter[Value | None]()
    for labels, point in told.collector.histograms("http.client.request.duration").items():
        by_status[dict(labels).get("http.response.status_code")] += point.count
    unanswered = by_status.pop(None)
    assert unanswered >= 1
    gets = len(told.asked("GET"))
    assert by_status == {202: len(told.asked("POST")), 429: 2, 200: gets - 2 - unanswered}
    assert told.collector.sums("pim_alert_refresh.graph.throttled") == {frozenset(): 1.0}


def test_attempts_to_call_back_are_counted_by_what_came_of_them(told: Told) -> None:
    outcome = "pim_alert_refresh.callback.outcome"
    assert told.collector.sums("pim_alert_refresh.callback.attempts") == {
        frozenset({(outcome, "refused")}): 1,
        frozenset({(outcome, "delivered")}): 1,
    }


def test_metrics_tell_of_no_tenant_and_no_run(told: Told) -> None:
    labels = [
        labels
        for name in told.collector.metric_names
        for labels in (*told.collector.sums(name), *told.collector.histograms(name))
    ]
    assert {name for each in labels for name, _ in each} <= FEW


def test_the_log_lines_of_a_run_are_in_its_trace(told: Told) -> None:
    run_id = told.starts[0].body["id"]
    lines = [
        line for line in told.collector.lines if run_id in line.body.string_value and "event" in line.body.string_value
    ]
    assert lines
    assert {line.trace_id.hex() for line in lines} == {TRACE}


def test_no_secret_and_no_person_is_in_a_byte_of_it(told: Told) -> None:
    named = set(people([result.body for result in told.results]))
    assert named, "somebody is in the alerts"
    exported = b"".join(told.collector.sent)
    assert [secret for secret in (*told.secrets, *named) if secret.encode() in exported] == []
