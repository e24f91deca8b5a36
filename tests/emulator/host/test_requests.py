"""Who may ask the host for what, and what there is: one row a request."""

import pytest

from tests.emulator.host.conftest import FUNCTION_KEY, MANAGEMENT, MASTER_KEY, SYSTEM_KEY, SampleApp

MASTER = {"x-functions-key": MASTER_KEY}
JSON = {"Content-Type": "application/json"}
INSTANCES, NOTHING = f"GET {MANAGEMENT}/instances", "POST /admin/functions/nothing"


@pytest.mark.parametrize(
    ("request_line", "header", "code", "status"),
    [
        ("GET /api/guarded", None, None, 401),
        ("GET /api/guarded", None, "wrong", 401),
        ("GET /api/guarded", None, FUNCTION_KEY, 200),
        ("GET /api/guarded", FUNCTION_KEY, None, 200),
        ("GET /api/guarded", MASTER_KEY, None, 200),
        ("GET /api/guarded", None, SYSTEM_KEY, 401),
        ("GET /api/guarded", "wrong", FUNCTION_KEY, 401),
        ("GET /api/guarded", FUNCTION_KEY, "wrong", 200),
        ("GET /api/admin-only", FUNCTION_KEY, None, 401),
        ("GET /api/admin-only", None, MASTER_KEY, 200),
        ("GET /api/disabled", None, None, 401),
        ("GET /api/disabled", FUNCTION_KEY, None, 404),
        (INSTANCES, None, None, 401),
        (INSTANCES, None, SYSTEM_KEY, 200),
        (INSTANCES, SYSTEM_KEY, None, 200),
        (INSTANCES, None, MASTER_KEY, 200),
        (INSTANCES, None, FUNCTION_KEY, 403),
        (INSTANCES, FUNCTION_KEY, SYSTEM_KEY, 403),
        (INSTANCES, "wrong", SYSTEM_KEY, 401),
        (INSTANCES, SYSTEM_KEY, FUNCTION_KEY, 200),
        (NOTHING, MASTER_KEY, None, 202),
        (NOTHING, None, None, 401),
        (NOTHING, "wrong", MASTER_KEY, 401),
        (NOTHING, None, FUNCTION_KEY, 403),
        (NOTHING, SYSTEM_KEY, None, 403),
    ],
)
async def test_keys(app: SampleApp, request_line: str, header: str | None, code: str | None, status: int) -> None:
    method, path = request_line.split()
    headers = {} if header is None else {"x-functions-key": header}
    given = {"input": "1"} if method == "POST" else None
    found, answered, body = await app.send(
        method, path, headers=headers, params={"code": code} if code else {}, json=given
    )
    assert (found, body is not None) == (status, status == 200)
    assert ("WWW-Authenticate" in answered) == (status == 401 and not path.startswith("/api/"))


@pytest.mark.parametrize(
    "request_line",
    [
        "POST /api/orders/42",
        "GET /api/files/no-kind",
        "GET /api/files/a.b/part/more",
        "GET /orders/42",
        "GET /api/tree/a//b",
        "GET /api/from_queue",
        "GET /admin/functions/nothing",
        f"GET {MANAGEMENT}/nothing",
        f"GET {MANAGEMENT}/orchestrators/quick",
        f"GET {MANAGEMENT}/instances/nobody",
        f"DELETE {MANAGEMENT}/instances/nobody",
        f"POST {MANAGEMENT}/instances/nobody/explode",
        f"POST {MANAGEMENT}/instances/nobody/raiseEvent/go",
        f"POST {MANAGEMENT}/instances/nobody/terminate",
        f"POST {MANAGEMENT}/instances/nobody/rewind",
        f"GET {MANAGEMENT}/entities/counter/nobody",
    ],
)
async def test_what_is_not_there_is_an_empty_404(app: SampleApp, request_line: str) -> None:
    method, path = request_line.split()
    status, _, body = await app.send(method, path, headers=MASTER)
    assert (status, body) == (404, None)


@pytest.mark.parametrize(
    ("path", "function", "route"),
    [
        ("/api/orders/42", "order_by_number", {"id": "42"}),
        ("/api/orders/4-2", "order_by_text", {"text": "4-2"}),
        ("/api/orders/today", "order_by_text", {"text": "today"}),
        ("/api/files/report.2026.pdf", "file", {"name": "report", "kind": "2026.pdf"}),
        ("/api/files/a%2Fb.txt/3", "file", {"name": "a%2Fb", "kind": "txt", "part": "3"}),
        ("/api/tree/a/b%20c/d", "tree", {"path": "a/b c/d"}),
        ("/api/tree", "tree", {}),
        ("/api/unrouted/", "unrouted", {}),
    ],
)
async def test_the_first_route_that_fits_is_taken_in_the_order_of_function_names(
    app: SampleApp, path: str, function: str, route: dict[str, str]
) -> None:
    status, _, body = await app.send("GET", path)
    assert (status, body["function"], body["route"]) == (200, function, route)


async def test_the_worker_sees_the_request_as_it_was_sent(app: SampleApp) -> None:
    headers = [("X-Many", "1"), ("X-Many", "2"), ("Content-Type", "text/plain")]
    path = "/api/echo?a=1&a=2&empty=&B=%20x"
    _, _, body = await app.send("PUT", path, headers=headers, data="grüße".encode())
    assert (body["method"], body["url"]) == ("PUT", f"{app.host.base_url}{path}")
    assert body["query"] == {"a": "1,2", "B": " x"}
    assert body["headers"]["x-many"] == "1,2"
    assert all(name == name.lower() for name in body["headers"])
    assert body["bytes"] == len("grüße".encode())


async def test_a_body_above_the_limit_is_an_empty_500(app: SampleApp) -> None:
    assert (await app.send("POST", "/api/echo", data=b"x" * 1000))[2]["bytes"] == 1000
    assert (await app.send("POST", "/api/echo", data=b"x" * 1001))[::2] == (500, None)


async def test_a_failing_function_is_an_empty_500_and_a_line_in_the_log(app: SampleApp) -> None:
    assert (await app.send("GET", "/api/fails"))[::2] == (500, None)
    assert await app.host.read_lines(" fails ", " failed: PermissionError: secret of GET (at function_app.py:")


async def test_an_http_response_goes_out_as_the_function_made_it(app: SampleApp) -> None:
    status, headers, body = await app.send("GET", "/api/answers")
    assert (status, body) == (418, "grüße")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert (headers["X-Method"], headers["Set-Cookie"]) == ("GET", "crumb=1; Path=/")
    assert (await app.send("GET", "/api/answers/empty"))[::2] == (204, None)
    assert (await app.send("HEAD", "/api/unrouted"))[0] == 200


@pytest.mark.parametrize(
    ("name", "headers", "body", "status"),
    [
        ("nothing", JSON, "{}", 202),
        ("NOTHING", {"Content-Type": "application/json; charset=utf-8"}, '{"Input": true}', 202),
        ("nothing", {"Content-Type": "text/plain"}, '{"input": "1"}', 415),
        ("nothing", JSON, "{", 400),
        ("nothing", JSON, '{"input": {"a": 1}}', 400),
        ("no_such_function", JSON, "{}", 404),
    ],
)
async def test_a_run_by_hand_must_be_asked_for_rightly(
    app: SampleApp, name: str, headers: dict[str, str], body: str, status: int
) -> None:
    path = f"/admin/functions/{name}"
    assert (await app.send("POST", path, headers=MASTER | headers, data=body.encode()))[::2] == (status, None)


async def test_an_activity_run_by_hand_gets_the_json_value_that_the_input_is_the_text_of(app: SampleApp) -> None:
    await app.send("POST", "/admin/functions/nothing", headers=MASTER, json={"input": '{"a": ["by hand"]}'})
    assert await app.host.read_lines("nothing to do for {'a': ['by hand']}")
