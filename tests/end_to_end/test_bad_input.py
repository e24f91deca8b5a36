"""What bad input gets: a problem that names the field. Nothing is started, Graph is not asked, no secret comes back.

All the values that a field refuses are in tests/web. Here is one of each kind, and what the host may bend on the way.
"""

import gzip
import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from multidict import CIMultiDict

from emulator.graph import Fault, GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import CHECK, FUNCTION_KEY, SYSTEM_KEY, App, hosted, make_settings
from tests.support.raw_http import send

GOOD = {"operationId": "refresh:never"}
SECRET = "s1gnature-of-a-workflow"
ALLOWED = "prod-00.westeurope.logic.azure.com"
PATH = f"/workflows/1/run?sv=1.0&sig={SECRET}"


class Bad(NamedTuple):
    """A request, and the answer that it must get."""

    status: int
    field: str | None
    """None for problems that are not of a field."""
    body: dict[str, Any] | bytes | None = None
    query: str = ""
    headers: Sequence[tuple[str, str | bytes]] = ()
    method: str = "POST"
    path: str = "/api/runs"

    @property
    def content(self) -> bytes | None:
        return json.dumps(self.body).encode() if isinstance(self.body, dict) else self.body


def wrong(name: str, value: Any) -> Bad:
    return Bad(400, name, {**GOOD, name: value})


def keyed(*keys: str | bytes) -> Bad:
    return Bad(400, "Idempotency-Key", GOOD, headers=[("Idempotency-Key", key) for key in keys])


ENVELOPE = {"__class__": "Settings", "__module__": "alert_refresh.settings", "__data__": {"sig": SECRET}}
GOOD_JSON = json.dumps(GOOD)
FORM = ("Content-Type", "application/x-www-form-urlencoded")
OURS = ("Sec-Fetch-Site", "same-origin")

ROWS: dict[str, Bad] = {
    # Fields.
    "no target": Bad(400, "operationId", {"timeoutSeconds": 60}),
    "a line break and a header": wrong("operationId", "x\r\nX-Evil: 1"),
    "a lone surrogate": wrong("operationId", "\ud800"),
    "a foreign URL": Bad(400, "operationUrl", {"operationUrl": f"https://evil.example{PATH}"}),
    "a URL for a name": Bad(400, "(a name that is not repeated here)", {**GOOD, f"https://{PATH}": 1}),
    # Callbacks.
    "another host": wrong("callbackUrl", f"https://evil.example{PATH}"),
    "an object for a callback": wrong("callbackUrl", {"url": f"https://{ALLOWED}{PATH}"}),
    "a callback in the query": Bad(
        400, "callbackUrl", query=f"?operationId=x&callbackUrl={quote(f'https://{ALLOWED}{PATH}', safe='')}"
    ),
    "a callback in the query, not encoded": Bad(
        400, "sig", query=f"?operationId=x&callbackUrl=https://{ALLOWED}{PATH[1:].replace('?', '&')}"
    ),
    # Bodies.
    "not JSON": Bad(400, "", b"{"),
    "infinity": Bad(400, "timeoutSeconds", b'{"operationId": "x", "timeoutSeconds": 1e999}'),
    "deep objects": Bad(400, "operationId", b'{"operationId":' * 4_000 + b"1" + b"}" * 4_000),
    "an object of a class": Bad(400, "__class__", {**GOOD, **ENVELOPE}),
    "an object of a class, deep down": Bad(400, "select", {**GOOD, "select": [[{"x": ENVELOPE}]]}),
    "too large": Bad(413, None, b" " * 65_537),
    "far too large": Bad(413, None, {**GOOD, "callbackUrl": SECRET * 100_000}),
    "gzip": Bad(415, None, gzip.compress(GOOD_JSON.encode()), headers=[("Content-Encoding", "gzip")]),
    "JSON that is declared as a form": Bad(415, None, GOOD, headers=[FORM]),
    "a form of another site": Bad(403, None, b"operationId=x", headers=[FORM, ("Sec-Fetch-Site", "cross-site")]),
    "JSON of another site": Bad(403, None, GOOD, headers=[("Sec-Fetch-Site", "same-site")]),
    "text of another site": Bad(
        403, None, GOOD, headers=[("Content-Type", "text/plain"), ("Sec-Fetch-Site", "cross-site")]
    ),
    "text": Bad(415, None, GOOD, headers=[("Content-Type", "text/plain")]),
    "a form with a file": Bad(415, None, b"--x", headers=[("Content-Type", "multipart/form-data; boundary=x"), OURS]),
    "a form with a secret in the query": Bad(
        400, "callbackUrl", b"operationId=x", query=f"?callbackUrl={SECRET}", headers=[FORM, OURS]
    ),
    "a form without a target": Bad(
        400, "operationId", f"callbackUrl=https://{ALLOWED}{PATH}".encode(), headers=[FORM, OURS]
    ),
    "a form with a code": Bad(400, "code", b"operationId=x&code=y", headers=[FORM, OURS]),
    "nothing": Bad(400, "operationId"),
    "nothing, announced": Bad(400, "operationId", b""),
    "chunks, which Azure drops": Bad(400, "", b"2\r\n{}\r\n0\r\n\r\n", headers=[("Transfer-Encoding", "chunked")]),
    # Refreshes: this app does not.
    "all alerts in the query": Bad(403, None, query="?allAlerts=true"),
    # Queries.
    "a field twice in the query": Bad(400, "operationId", query="?operationId=x&operationId=y"),
    "a field without a value": Bad(400, "notBefore", query="?operationId=x&notBefore"),
    "not UTF-8": Bad(400, "operationId", query="?operationId=%ff"),
    "a name that is not UTF-8": Bad(400, "\udcff", query="?operationId=x&%ff=1"),
    "a line break in the query": Bad(400, "operationId", query="?operationId=x%0d%0aX-Evil:%201"),
    # Keys.
    "a key that is not ASCII": keyed("é"),
    "a key twice": keyed("a", "a"),
    # Routes.
    **{f"{method} to a start": Bad(404, None, GOOD, method=method) for method in ("PUT", "HEAD", "OPTIONS")},
    "POST to a run": Bad(404, None, GOOD, path="/api/runs/00000000-0000-5000-8000-000000000000"),
    "a typo": Bad(404, None, GOOD, path=f"/api/run?callbackUrl=https://{ALLOWED}{PATH}"),
    "the prefix alone": Bad(404, None, method="PUT", path="/api"),
    "a slash in an id": Bad(404, None, method="GET", path="/api/runs/a/b/result"),
}


async def list_instances(app: App) -> set[tuple[str, str]]:
    return {(each["instanceId"], each["createdTime"]) for each in await app.instances()}


@pytest.fixture(scope="module")
async def app(graph: GraphServer, identity: IdentityServer) -> AsyncGenerator[App]:
    """Yield the app as it is deployed: it does not refresh, and calls back to Logic Apps only."""
    async with hosted(make_settings(graph, identity)) as running:
        yield running


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
async def test_bad_input_starts_nothing_and_is_explained(app: App, tenant: Tenant, row: Bad) -> None:
    before = await list_instances(app)
    headers = [("x-functions-key", FUNCTION_KEY), *row.headers]
    reply = await send(app.host.base_url, f"{row.method} {row.path}{row.query}", headers, row.content)

    assert reply.status == row.status, reply
    assert reply.headers["content-type"] == "application/problem+json"
    assert "x-evil" not in reply.headers
    if row.method != "HEAD":
        CHECK(row.method, row.path, reply.status, CIMultiDict(reply.headers), reply.content)
        assert reply.body["status"] == row.status
        assert reply.body["detail"].endswith((".", "?"))
        assert not reply.body["detail"].endswith(("?.", ".."))
        assert len(reply.content) < 4096
        assert row.field is None or row.field in {error["field"] for error in reply.body["errors"]}
    assert await list_instances(app) == before
    assert tenant.requests == []
    assert SECRET not in reply.content.decode()
    assert SECRET not in app.host.log


async def test_a_class_that_graph_names_is_never_made(app: App, tenant: Tenant, graph: GraphServer) -> None:
    response = {"statusCode": 200, "headers": {}, "content": "x"}
    loaded = {"__class__": "DurableHttpResponse", "__module__": "azure.durable_functions.http.models"}
    named: dict[str, Any] = {**loaded, "__data__": response}
    strange = [{"__class__": "Popen", "__module__": "no.such.module", "__data__": ["id"]}, dict.fromkeys(named, 1)]
    alert = {"id": "a", "lastScannedDateTime": "2026-01-31T12:00:00Z", "deep": [{"x": named}, *strange], **named}
    location = graph.alert_url(tenant.alert_id("StaleSignInAlert"))
    operation = {"id": "classes", "status": "succeeded", "resourceLocation": location, "x": [*strange], **named}
    tenant.put_operation(operation)
    tenant.faults.append(Fault("^GET [^?]*/alerts/", status=200, json=alert))

    result = await app.run(operationId="classes")

    assert result.status == 200
    assert result.body["alert"] == alert
    assert result.body["operation"].items() >= operation.items()


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


async def test_a_run_without_an_identity_says_what_it_waits_for(graph: GraphServer) -> None:
    async with hosted({"GRAPH_BASE_URL": graph.base_url, "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential"}) as app:
        started = await app.start(**GOOD)
        run = await app.poll(started)
        await app.cancel(started)
        await app.result(started)

    assert run["waitingFor"]["problem"]["type"].endswith(":identity-unavailable")
