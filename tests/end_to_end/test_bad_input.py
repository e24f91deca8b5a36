"""What bad input gets: a problem that names the field. Nothing is started, Graph is not asked, no secret comes back."""

import gzip
import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from multidict import CIMultiDict

from emulator.graph import Fault, GraphServer, Tenant
from tests.end_to_end.conftest import CHECK, FUNCTION_KEY, SYSTEM_KEY, App, hosted
from tests.support.host_process import CHECKOUT, host_process
from tests.support.raw_http import RawReply, request, send

GOOD = {"operationId": "refresh:never"}
SECRET = "s1gnature-of-a-workflow"
ALLOWED = "prod-00.westeurope.logic.azure.com"
FULL_WIDTH_A = "\N{FULLWIDTH LATIN SMALL LETTER A}"
PATH = f"/workflows/1/run?sv=1.0&sig={SECRET}"


class Bad(NamedTuple):
    """A request, and the answer that it must get."""

    status: int
    field: str | None
    """None for problems that are not of a field."""
    body: bytes | None = None
    query: str = ""
    headers: Sequence[tuple[str, str | bytes]] = ()
    method: str = "POST"
    path: str = "/api/runs"


def field(name: str, value: Any) -> Bad:
    return Bad(400, name, json.dumps({**GOOD, name: value}).encode())


def callback(url: Any) -> Bad:
    return field("callbackUrl", url)


def body(content: bytes, *headers: tuple[str, str | bytes], status: int = 400, field: str | None = "") -> Bad:
    return Bad(status, field, content, headers=headers)


def typed(content_type: str, content: bytes = b"") -> Bad:
    return Bad(415, None, content or json.dumps(GOOD).encode(), headers=[("Content-Type", content_type)])


def asking(fields: dict[str, Any], status: int, field: str | None = None) -> Bad:
    return Bad(status, field, json.dumps(fields).encode())


def key(header: str | bytes) -> Bad:
    return Bad(400, "Idempotency-Key", json.dumps(GOOD).encode(), headers=[("Idempotency-Key", header)])


def other(method: str, path: str = "/api/runs") -> Bad:
    return Bad(404, None, json.dumps(GOOD).encode(), method=method, path=path)


ENVELOPE = {"__class__": "Settings", "__module__": "alert_refresh.settings", "__data__": {"sig": SECRET}}

FIELDS: dict[str, Bad] = {
    "no target": Bad(400, "operationId", b'{"timeoutSeconds": 60}'),
    "two targets": field("operationUrl", "https://graph.microsoft.com/beta/x"),
    "a target of another type": field("operationId", 7),
    "a path": field("operationId", "../alerts/x"),
    "dots": field("operationId", ".."),
    "a control character": field("operationId", "a\u0007"),
    "a line break and a header": field("operationId", "x\r\nX-Evil: 1"),
    "a lone surrogate": field("operationId", "\ud800"),
    "an id that is too long": field("operationId", "x" * 201),
    "an operation and an alert": field("alertId", "x"),
    "an operation and all alerts": asking({**GOOD, "allAlerts": True}, 400, "allAlerts"),
    "an alert and all alerts": asking({"alertId": "x", "allAlerts": True}, 400, "allAlerts"),
    "an alert of another type": asking({"alertId": ["x"]}, 400, "alertId"),
    "the path of an alert": asking({"alertId": "alerts/x"}, 400, "alertId"),
    "dots for an alert": asking({"alertId": ".."}, 400, "alertId"),
    "an alert and a query": asking({"alertId": "x?$expand=*"}, 400, "alertId"),
    "an alert and a line break": asking({"alertId": "x\r\nX-Evil: 1"}, 400, "alertId"),
    "all alerts, or not": asking({"allAlerts": False}, 400, "allAlerts"),
    "all alerts as another text": asking({"allAlerts": "yes"}, 400, "allAlerts"),
    "all alerts as a number": asking({"allAlerts": 1}, 400, "allAlerts"),
    "a foreign URL": Bad(400, "operationUrl", json.dumps({"operationUrl": f"https://evil.example{PATH}"}).encode()),
    "an option of OData": field("select", "id,$filter"),
    "an expression of OData": field("expand", ["alertIncidents($top=1)"]),
    "a name that no alert has": field("select", ["colour"]),
    "a long timeout": field("timeoutSeconds", 86401),
    "a timeout in words": field("timeoutSeconds", "sixty"),
    "a naive time": field("notBefore", "2026-01-31T12:00:00"),
    "an unknown field": field("colour", "red"),
    "a subscriber with a blank": field("changesFor", "my mailbox"),
    "a time that no scan can reach": field("notBefore", "2999-01-01T00:00:00Z"),
    "a field of another spelling": field("OperationId", "x"),
    "a URL for a name": Bad(
        400, "(a name that is not repeated here)", json.dumps({**GOOD, f"https://{PATH}": 1}).encode()
    ),
}

CALLBACKS: dict[str, Bad] = {
    "another host": callback(f"https://evil.example{PATH}"),
    "the allowed host in front": callback(f"https://{ALLOWED}.evil.example{PATH}"),
    "the allowed host as credentials": callback(f"https://{ALLOWED}@evil.example{PATH}"),
    "full-width letters": callback(f"https://{ALLOWED.replace('a', FULL_WIDTH_A)}{PATH}"),
    "the address of the metadata service": callback(f"https://169.254.169.254{PATH}"),
    "localhost": callback(f"http://localhost:7071{PATH}"),
    "http": callback(f"http://{ALLOWED}{PATH}"),
    "another port": callback(f"https://{ALLOWED}:8443{PATH}"),
    "a line break and a header": callback(f"https://{ALLOWED}/\r\nX-Evil: 1\r\n{PATH}"),
    "an empty callback": callback(""),
    "an object for a callback": callback({"url": f"https://{ALLOWED}{PATH}"}),
    "a callback in the query": Bad(
        400, "callbackUrl", query=f"?operationId=x&callbackUrl={quote(f'https://{ALLOWED}{PATH}', safe='')}"
    ),
    "a callback in the query, not encoded": Bad(
        400, "sig", query=f"?operationId=x&callbackUrl=https://{ALLOWED}{PATH[1:].replace('?', '&')}"
    ),
    "two callbacks in the query": Bad(
        400, "callbackUrl", query=f"?operationId=x&callbackUrl=https://{ALLOWED}/?{SECRET}&callbackUrl=x"
    ),
}

BODIES: dict[str, Bad] = {
    "not JSON": body(b"{"),
    "a list": body(b"[]"),
    "a text": body(json.dumps(SECRET).encode()),
    "something after it": body(json.dumps(GOOD).encode() + b"{}"),
    "single quotes": body(b"{'operationId': 'x'}"),
    "NaN": body(b'{"operationId": "x", "timeoutSeconds": NaN}', field="timeoutSeconds"),
    "infinity": body(b'{"operationId": "x", "timeoutSeconds": 1e999}', field="timeoutSeconds"),
    "a huge number": body(b'{"operationId": "x", "timeoutSeconds": ' + b"9" * 5000 + b"}"),
    "deep lists": body(b"[" * 50_000),
    "deep objects": body(b'{"operationId":' * 4_000 + b"1" + b"}" * 4_000, field="operationId"),
    "a field twice": body(b'{"operationId": "x", "operationId": "y"}', field="operationId"),
    "a name twice, deep down": body(b'{"operationId": "x", "select": [{"y": 1, "y": 1}]}'),
    "an object of a class": body(json.dumps({**GOOD, **ENVELOPE}).encode(), field="__class__"),
    "an object of a class for a field": body(json.dumps({"operationId": ENVELOPE}).encode(), field="operationId"),
    "an object of a class, deep down": body(
        json.dumps({**GOOD, "select": [[{"x": ENVELOPE}]]}).encode(), field="select"
    ),
    "UTF-16": body(json.dumps(GOOD).encode("utf-16")),
    "UTF-16 without a mark": body(json.dumps(GOOD).encode("utf-16-be")),
    "UTF-32": body(json.dumps(GOOD).encode("utf-32")),
    "Latin-1": body('{"operationId": "é"}'.encode("latin-1")),
    "too large": body(b" " * 65_537, status=413, field=None),
    "far too large": body(json.dumps({**GOOD, "callbackUrl": SECRET * 100_000}).encode(), status=413, field=None),
    "gzip": body(gzip.compress(json.dumps(GOOD).encode()), ("Content-Encoding", "gzip"), status=415, field=None),
    "gzip unannounced": body(gzip.compress(json.dumps(GOOD).encode())),
    "a form": typed("application/x-www-form-urlencoded", f"callbackUrl=https://{ALLOWED}{PATH}".encode()),
    "a multipart form": typed("multipart/form-data; boundary=x"),
    "plain text": typed("text/plain"),
    "XML": typed("application/xml", b"<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>"),
    "another charset": typed("application/json; charset=utf-16"),
    "two types": typed("application/json, text/plain"),
    "nothing": Bad(400, "operationId"),
    "nothing, announced": Bad(400, "operationId", b""),
    "blanks": body(b"  "),
    "chunks, which Azure drops": body(b"2\r\n{}\r\n0\r\n\r\n", ("Transfer-Encoding", "chunked")),
}

REFRESHES: dict[str, Bad] = {
    "one alert": asking({"alertId": "x"}, 403),
    "all alerts": asking({"allAlerts": True}, 403),
    "one alert in the query": Bad(403, None, query="?alertId=x"),
    "all alerts in the query": Bad(403, None, query="?allAlerts=true"),
    "all alerts, with a key": Bad(403, None, b'{"allAlerts": true}', headers=[("Idempotency-Key", "a")]),
    "a wrong field comes first": asking({"allAlerts": True, "timeoutSeconds": 0}, 400, "timeoutSeconds"),
    "a wrong key comes first": Bad(400, "Idempotency-Key", b'{"alertId": "x"}', headers=[("Idempotency-Key", "a b")]),
}
"""The app of these tests does not refresh."""

QUERIES: dict[str, Bad] = {
    "all alerts, or not": Bad(400, "allAlerts", query="?allAlerts=false"),
    "all alerts as a number": Bad(400, "allAlerts", query="?allAlerts=1"),
    "all alerts, twice": Bad(400, "allAlerts", query="?allAlerts=true&allAlerts=true"),
    "a field twice": Bad(400, "operationId", query="?operationId=x&operationId=y"),
    "the same value twice": Bad(400, "select", query="?operationId=x&select=id&select=id"),
    "an empty field": Bad(400, "select", query="?operationId=x&select="),
    "a field without a value": Bad(400, "notBefore", query="?operationId=x&notBefore"),
    "in the body, too": Bad(400, "operationId", json.dumps(GOOD).encode(), query="?operationId=x"),
    "not UTF-8": Bad(400, "operationId", query="?operationId=%ff"),
    "a half of a surrogate pair": Bad(400, "operationId", query="?operationId=%ED%A0%80"),
    "a name that is not UTF-8": Bad(400, "\udcff", query="?operationId=x&%ff=1"),
    "a callback that is not UTF-8": Bad(400, "callbackUrl", query=f"?operationId=x&callbackUrl=https://{ALLOWED}/%ff"),
    "a line break": Bad(400, "operationId", query="?operationId=x%0d%0aX-Evil:%201"),
    "an unknown field": Bad(400, "Select", query="?operationId=x&Select=id"),
}

KEYS: dict[str, Bad] = {
    "empty": key(""),
    "empty quotes": key('""'),
    "a blank inside": key("a b"),
    "a quote too few": key('"a'),
    "two keys": key("a, b"),
    "too long": key("x" * 256),
    "not ASCII": key("é"),
    "not even UTF-8": key(b"\xff"),
    "a header twice": Bad(400, "Idempotency-Key", json.dumps(GOOD).encode(), headers=[("Idempotency-Key", "a")] * 2),
}

ROUTES: dict[str, Bad] = {
    "PUT": other("PUT"),
    "PATCH": other("PATCH"),
    "HEAD": other("HEAD"),
    "OPTIONS": other("OPTIONS"),
    "DELETE without an id": other("DELETE"),
    "POST to a run": other("POST", "/api/runs/00000000-0000-5000-8000-000000000000"),
    "a typo": other("POST", f"/api/run?callbackUrl=https://{ALLOWED}{PATH}"),
    "another version": other("POST", "/api/v2/runs"),
    "the prefix alone": other("GET", "/api"),
    "a path that is too long to repeat": other("GET", f"/api/{'x' * 2000}"),
    "a slash in an id": other("GET", "/api/runs/a/b/result"),
}

TABLES = {
    "field": FIELDS,
    "callback": CALLBACKS,
    "body": BODIES,
    "refresh": REFRESHES,
    "query": QUERIES,
    "key": KEYS,
    "route": ROUTES,
}
ROWS = {f"{table}: {name}": row for table, rows in TABLES.items() for name, row in rows.items()}


async def send_row(app: App, row: Bad) -> RawReply:
    headers = [("x-functions-key", FUNCTION_KEY), *row.headers]
    reply = await send(app.host.base_url, request(row.method, row.path + row.query, headers, row.body))
    if row.method != "HEAD":
        CHECK(row.method, row.path, reply.status, CIMultiDict(reply.headers), reply.content)
    return reply


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
async def test_bad_input_starts_nothing_and_is_explained(app: App, tenant: Tenant, row: Bad) -> None:
    before = {(each["instanceId"], each["createdTime"]) for each in await app.instances()}

    reply = await send_row(app, row)

    assert reply.status == row.status, reply
    assert reply.headers["content-type"] == "application/problem+json"
    assert "x-evil" not in reply.headers
    if row.method != "HEAD":
        assert reply.body["status"] == row.status
        assert reply.body["detail"].endswith((".", "?"))
        assert not reply.body["detail"].endswith(("?.", ".."))
        assert len(reply.content) < 4096
        assert row.field is None or row.field in {error["field"] for error in reply.body["errors"]}
    assert {(each["instanceId"], each["createdTime"]) for each in await app.instances()} == before
    assert tenant.requests == []
    assert SECRET not in reply.content.decode()
    assert SECRET not in app.host.log


CLASSES: dict[str, dict[str, Any]] = {
    "one that can be made": {
        "__class__": "DurableHttpResponse",
        "__module__": "azure.durable_functions.http.models",
        "__data__": {"statusCode": 200, "headers": {}, "content": "x"},
    },
    "one that can not": {"__class__": "Settings", "__module__": "alert_refresh.settings", "__data__": {}},
    "one that is not loaded": {"__class__": "Popen", "__module__": "no.such.module", "__data__": ["id"]},
    "one that is no text": {"__class__": 1, "__module__": None, "__data__": None},
}


@pytest.mark.parametrize("named", CLASSES.values(), ids=CLASSES)
async def test_a_class_that_graph_names_is_never_made(
    app: App, tenant: Tenant, graph: GraphServer, named: dict[str, Any]
) -> None:
    alert = {"id": "a", "lastScannedDateTime": "2026-01-31T12:00:00Z", "deep": [{"x": named}], **named}
    location = graph.alert_url(tenant.alert_id("StaleSignInAlert"))
    operation = {"id": "classes", "status": "succeeded", "resourceLocation": location, "x": [named], **named}
    tenant.put_operation(operation)
    tenant.faults.append(Fault("^GET [^?]*/alerts/", status=200, json=alert))

    result = await app.result(await app.start(operationId="classes"))

    assert result.status == 200
    assert result.body["alert"] == alert
    assert result.body["operation"].items() >= operation.items()


INJECTED: dict[str, bytes] = {
    "a bare CR and a header": b"Idempotency-Key: a\rX-Evil: 1",
    "a folded line": b"Idempotency-Key: a\r\n X-Evil: 1",
    "a NUL": b"Idempotency-Key: a\0b",
    "a blank before the colon": b"Idempotency-Key : a",
    "two lengths": b"Content-Length: 2",
    "a length and chunks": b"Transfer-Encoding: chunked",
    "a length that is none": b"Content-Length: +2",
}


async def test_what_is_no_http_does_not_reach_the_app() -> None:
    """These no client library sends; between two servers that read them in two ways they hide a second request."""
    async with host_process(CHECKOUT, clean=False, function_key=FUNCTION_KEY) as host:
        for name, line in INJECTED.items():
            head = b"POST /api/runs HTTP/1.1\r\nHost: h\r\nx-functions-key: " + FUNCTION_KEY.encode()
            hidden = b"GET /api/health HTTP/1.1\r\nHost: h\r\n\r\n"
            content = json.dumps(GOOD).encode()
            length = b"\r\nContent-Length: " + str(len(content)).encode()
            reply = await send(host.base_url, head + length + b"\r\n" + line + b"\r\n\r\n" + content + hidden)

            assert reply.status == 400, name
            assert "x-evil" not in reply.headers
        assert "start_run" not in host.log.partition("Listening on ")[2]


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
