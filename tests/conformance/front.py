"""What the host does with HTTP itself: bodies, keys, paths, protocol faults, the admin API (F)."""

from tests.conformance.row import Ask, Row, Seen, wire

MANY = [f"x-{number}: 1" for number in range(101)]
LARGE = 8_000_000

READ = "POST /api/client/GetInstance{query} HTTP/1.1"
NOBODY = '{"instanceId": "nobody"}'
FOUND = {"result": {"exists": False}}


def echo(method: str = "GET", path: str = "/api/echo", status: int = 200, **options: object) -> Ask:
    body, headers = options.get("body", ... if status == 200 else ""), options.get("answered", {})
    return Ask(method, path, Seen(status, body, headers), options.get("sent"), key="")  # type: ignore[arg-type]


def admin(path: str, key: str, status: int, body: object = ...) -> Ask:
    return Ask("GET", f"/{path}", Seen(status, body), key=key)


ROWS = [
    Row("F1", "a body above 104,857,600 bytes is an empty 500", [
        wire("POST /api/echo HTTP/1.1", "Content-Length: 104857601", status=500)]),
    Row("F1", "a large body below that arrives", [echo("POST", sent=b"x" * LARGE, body={"bytes": LARGE})]),
    Row("F1", "a chunked body is dropped", [
        wire("POST /api/echo HTTP/1.1", "Transfer-Encoding: chunked", status=200, body={"bytes": 0},
             content="2\r\n{}\r\n0\r\n\r\n")]),
    Row("F2", "an empty key in the header beats a good one in the query", [
        wire(READ.format(query="?code={key}"), status=200, body=FOUND, content=NOBODY),
        wire(READ.format(query="?code={key}"), "x-functions-key:", status=401, content=NOBODY)]),
    Row("F2", "a key in other letter case is accepted once the right one was used", [
        wire(READ.format(query=""), "x-functions-key: {key}", status=200, body=FOUND, content=NOBODY),
        wire(READ.format(query=""), "x-functions-key: {KEY}", status=200, body=FOUND, content=NOBODY)]),
    Row("F3", "two slashes in a row are not found", [
        echo(), echo(path="//api/echo", status=404), echo(path="/api//echo", status=404),
        Ask("POST", "/api/client/GetInstance//", Seen(404), {"instanceId": "~a"})]),
    Row("F3", "one and two dots are resolved", [
        wire("GET /api/nothing/../echo/./a/b/../c HTTP/1.1", status=200, body={"route": {"rest": "a/c"}})]),
    Row("F3", "an encoded NUL is a 400 before the keys", [
        wire("POST /api/client/GetInstance HTTP/1.1", status=401),
        wire("POST /api/client/Get%00Instance HTTP/1.1", status=400)]),
    Row("F3", "an octet that is no UTF-8 stays encoded", [
        wire("GET /api/echo/a%ffb HTTP/1.1", status=200, body={"route": {"rest": "a%ffb"}})]),
    Row("F3", "a target with scheme and authority works", [
        wire("GET http://{host}/api/echo/a HTTP/1.1", status=200, body={"route": {"rest": "a"}})]),
    Row("F4", "a malformed Host is a 400", [
        wire("GET /api/echo HTTP/1.1", "Host: a b", status=400),
        wire("GET /api/echo HTTP/1.1", "Host: a/b", status=400)]),
    Row("F4", "an empty Host is a 500", [wire("GET /api/echo HTTP/1.1", "Host:", status=500)]),
    Row("F4", "HTTP/1.0 without a Host is a 500", [
        Ask("wire", "HTTP/1.0", Seen(500, ""), raw="GET /api/echo HTTP/1.0\r\n\r\n")]),
    Row("F4", "a request line above 8 KiB is a 414", [
        wire(f"GET /api/echo?{'x' * 8100} HTTP/1.1", status=200, body=dict),
        wire(f"GET /api/echo?{'x' * 8200} HTTP/1.1", status=414)]),
    Row("F4", "more than 100 headers are a 431", [
        wire("GET /api/echo HTTP/1.1", *MANY[:99], status=200, body=dict),
        wire("GET /api/echo HTTP/1.1", *MANY, status=431)]),
    Row("F4", "headers above 32 KiB are a 431", [
        wire("GET /api/echo HTTP/1.1", f"x-long: {'x' * 32_000}", status=200, body=dict),
        wire("GET /api/echo HTTP/1.1", f"x-long: {'x' * 33_000}", status=431)]),
    Row("F4", "a header value that is no UTF-8 is a 400", [
        wire("GET /api/echo HTTP/1.1", "x-note: \xc3\xbc", status=200, body={"headers": {"x-note": "ü"}}),
        wire("GET /api/echo HTTP/1.1", "x-note: \xff", status=400)]),
    Row("F4", "who waits to be asked for the body and has no key gets a 401 at once", [
        wire("POST /api/client/GetInstance HTTP/1.1", "Expect: 100-continue", "Content-Length: 24", status=401)]),
    Row("F4", "a fault of the protocol has no body", [
        wire("GET /api/echo HTTP/1.1", "x y: 1", status=400), wire("GET /api/echo", status=400)]),
    Row("F4", "unknown methods reach the app, and get is GET", [
        wire("BREW /api/echo HTTP/1.1", status=200, body={"method": "BREW"}),
        wire("get /api/echo HTTP/1.1", status=200, body={"method": "GET"})]),
    Row("F4", "the root answers any method", [echo("DELETE", "/"), echo("PATCH", "/")]),
    Row("F5", "answers of the app are chunked, without a length", [
        echo(answered={"Transfer-Encoding": "chunked", "Content-Length": None})]),
    Row("F7", "the status of the host needs a key", [
        admin("admin/host/status", "", 401), admin("admin/host/status", "master", 200, {"state": "Running"})]),
    Row("F7", "functions and keys are for the master key", [
        *(admin(f"admin/{path}", key, 403) for path in ("functions", "host/keys") for key in ("function", "system")),
        admin("admin/functions", "master", 200, list), admin("admin/host/keys", "master", 200, {"keys": list})]),
]  # fmt: skip
