"""One look at Graph, as an observation: what time may mend, what it will not, and what to do then."""

import json
from itertools import product
from typing import Any, Literal

import pytest

from domain.problem import PREFIX
from graph import errors
from graph.errors import GraphError, GraphRefused
from graph.look import look
from graph.refusals import BY_CALL
from graph.trouble import TROUBLES, observed_trouble
from tests.graph.conftest import FakeCredentials, Reply, ScriptedGraph
from tests.support.graph_samples import ALERT, RUNNING

SCOPE_MISSING = {"errorCode": "PermissionScopeNotGranted", "message": "Missing RoleManagementAlert.Read.Directory."}


def refusal(code: str, message: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()


@pytest.mark.parametrize(("kind", "sent"), [("operation", RUNNING), ("alert", ALERT)])
async def test_what_is_found_is_handed_on_as_sent(
    app: ScriptedGraph, kind: Literal["operation", "alert"], sent: dict[str, Any]
) -> None:
    app.answers(Reply(200, json.dumps({**sent, "new": [None]}).encode(), {"Retry-After": "12"}))
    observation = await look(f"{app.base_url}/x", kind)
    observation.pop("answeredAt", None)
    assert observation == {
        "kind": kind,
        kind: {**sent, "new": [None]},
        "retryAfter": 12.0,
        "clientRequestId": app.requests[0].headers["client-request-id"],
    }


@pytest.mark.parametrize(
    ("date", "answered"), [("Fri, 09 Jun 2023 22:52:10 GMT", "2023-06-09T22:52:10.000Z"), ("soon", None)]
)
async def test_a_look_at_an_operation_tells_graphs_own_time_when_it_has_one(
    app: ScriptedGraph, date: str, answered: str | None
) -> None:
    app.answers(Reply(200, json.dumps(RUNNING).encode(), {"Date": date}))
    assert (await look(f"{app.base_url}/x", "operation")).get("answeredAt") == answered


@pytest.mark.parametrize(
    ("status", "kind", "outcome", "name"),
    [
        (400, "operation", "problem", "request-refused"),
        (302, "operation", "problem", "request-refused"),
        (401, "operation", "problem", "token-refused"),
        (403, "operation", "problem", "permission-missing"),
        (404, "operation", "problem", "operation-not-found"),
        (410, "operation", "problem", "operation-not-found"),
        (404, "alert", "problem", "alert-not-found"),
        (410, "alert", "problem", "alert-not-found"),
        (403, "alert", "problem", "permission-missing"),
        (408, "operation", "tryAgain", "graph-unavailable"),
        (423, "operation", "tryAgain", "graph-unavailable"),
        (425, "operation", "tryAgain", "graph-unavailable"),
        (429, "operation", "tryAgain", "throttled"),
        (429, "alert", "tryAgain", "throttled"),
        (500, "operation", "tryAgain", "graph-unavailable"),
        (502, "alert", "tryAgain", "graph-unavailable"),
        (503, "operation", "tryAgain", "graph-unavailable"),
        (504, "operation", "tryAgain", "graph-unavailable"),
        (509, "operation", "tryAgain", "graph-unavailable"),
    ],
)
async def test_a_refusal(
    app: ScriptedGraph, status: int, kind: Literal["operation", "alert"], outcome: str, name: str
) -> None:
    app.answers(Reply(status, refusal("Code", "Why."), {"request-id": "r-1", "Retry-After": "33"}))
    observation = await look(f"{app.base_url}/x", kind)
    sent = app.requests[-1].headers["client-request-id"]

    assert (observation["kind"], observation["problem"]["type"]) == (outcome, PREFIX + name)
    assert observation["retryAfter"] == 33.0
    assert observation["problem"]["graph"] == {
        "status": status,
        "code": "Code",
        "message": "Why.",
        "requestId": "r-1",
        "clientRequestId": sent,
    }
    assert observation["problem"]["detail"].startswith(f"Graph answered HTTP {status}, Code: Why. ")
    assert observation["clientRequestId"] == sent


async def test_a_missing_permission_shows_the_true_code_and_what_to_grant(app: ScriptedGraph) -> None:
    app.answers(Reply(403, refusal("UnknownError", json.dumps(SCOPE_MISSING))))
    why = (await look(f"{app.base_url}/x", "operation"))["problem"]
    assert why["graph"]["code"] == "PermissionScopeNotGranted"
    assert "UnknownError" not in why["detail"]
    assert "permission RoleManagementAlert.Read.Directory, with admin consent" in why["detail"]


@pytest.mark.parametrize("body", [b"", b"<html><h1>Service Unavailable</h1></html>"])
async def test_a_gateways_page_is_not_repeated(app: ScriptedGraph, body: bytes) -> None:
    app.answers(Reply(503, body))
    observation = await look(f"{app.base_url}/x", "operation")
    assert observation["kind"] == "tryAgain"
    assert observation["problem"]["detail"].startswith("Graph answered HTTP 503. ")
    assert "<" not in observation["problem"]["detail"]


async def test_an_answer_that_cannot_be_read_may_be_readable_next_time(app: ScriptedGraph) -> None:
    app.answers(Reply(200, b"<html>Sign in</html>"))
    observation = await look(f"{app.base_url}/x", "operation")
    assert (observation["kind"], observation["problem"]["type"]) == ("tryAgain", f"{PREFIX}answer-unreadable")
    assert observation["retryAfter"] is None


async def test_no_token_may_be_one_next_time(app: ScriptedGraph, credentials: FakeCredentials) -> None:
    credentials.failure = ValueError("AZURE_CLIENT_ID is not a GUID")
    observation = await look(f"{app.base_url}/x", "operation")
    assert (observation["kind"], observation["problem"]["type"]) == ("tryAgain", f"{PREFIX}identity-unavailable")
    assert "AZURE_CLIENT_ID is not a GUID. Check that" in observation["problem"]["detail"]
    assert app.requests == []


async def test_every_look_has_an_id_of_its_own(app: ScriptedGraph) -> None:
    ids = {(await look(f"{app.base_url}/x", "operation"))["clientRequestId"] for _ in range(3)}
    assert {request.headers["client-request-id"] for request in app.requests} == ids
    assert len(ids) == 3


def leaves(root: type[GraphError]) -> set[type[GraphError]]:
    return {root}.union(*(leaves(child) for child in root.__subclasses__())) - {GraphError}


def test_every_graph_error_has_a_meaning_for_the_run() -> None:
    assert leaves(GraphError) == {*TROUBLES, GraphRefused}
    for error, call in product(TROUBLES, BY_CALL):
        assert observed_trouble(error("it broke"), call, "c-1")["problem"]["detail"].startswith("it broke. ")


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = {line.split()[1] for line in str(errors.__doc__).splitlines() if line.startswith(("├", "└"))}
    assert drawn == {error.__name__ for error in leaves(GraphError)}


async def test_what_graph_asked_to_wait_counts_on_an_answer_that_cannot_be_read(app: ScriptedGraph) -> None:
    app.answers(Reply(200, b"<html>", {"Retry-After": "120"}))
    assert (await look(f"{app.base_url}/x", "operation"))["retryAfter"] == 120.0


@pytest.mark.parametrize("status", [200, 503])
async def test_what_graph_asked_to_wait_counts_on_an_answer_that_is_too_large(
    app: ScriptedGraph, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.body.BODY_LIMIT", 10)
    app.answers(Reply(status, b"{}".ljust(11), {"Retry-After": "120"}))
    assert (await look(f"{app.base_url}/x", "operation"))["retryAfter"] == 120.0
