"""HTTP triggers as the Functions host serves them."""

import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from yarl import URL

from tests.emulator.host.conftest import FUNCTION_KEY, MASTER_KEY, SYSTEM_KEY, until
from tests.support.host_process import HostProcess

GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


async def ask(session: aiohttp.ClientSession, web: HostProcess, path: str, **options: Any) -> tuple[int, str]:
    async with session.request(options.pop("method", "GET"), f"{web.base_url}{path}", **options) as response:
        return response.status, await response.text()


async def mirrored(session: aiohttp.ClientSession, web: HostProcess, path: str, **options: Any) -> Any:
    async with session.request(options.pop("method", "GET"), f"{web.base_url}{path}", **options) as response:
        assert response.status == 200, await response.text()
        return await response.json()


@pytest.mark.parametrize(
    ("path", "function", "route"),
    [
        ("/api/orders/42", "order_by_number", {"id": "42"}),
        ("/api/orders/bolts", "order_by_name", {"name": "bolts"}),
        ("/api/orders/latest", "latest_order", {}),
        (f"/api/things/{GUID}/TRUE", "thing", {"id": GUID, "flag": "TRUE"}),
        ("/api/files/report.2026.pdf", "file", {"name": "report", "kind": "2026.pdf"}),
        ("/api/tree/a/b%20c/d", "tree", {"path": "a/b c/d"}),
        ("/api/tree", "tree", {}),
        ("/api/unrouted", "unrouted", {}),
        ("/api/files/a%2Fb.txt", "file", {"name": "a%2Fb", "kind": "txt"}),
    ],
)
async def test_the_first_route_that_fits_is_taken_in_the_order_of_function_names(
    session: aiohttp.ClientSession, web: HostProcess, path: str, function: str, route: dict[str, str]
) -> None:
    async with session.get(URL(f"{web.base_url}{path}", encoded=True)) as response:
        body = await response.json()
    assert (response.status, body["function"], body["route"]) == (200, function, route)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/orders/42"),
        ("GET", "/api/orders/4-2"),
        ("GET", "/api/things/not-a-guid"),
        ("GET", f"/api/things/{GUID}/perhaps"),
        ("GET", "/orders/42"),
        ("GET", "/api/from_queue"),
        ("GET", "/admin/functions"),
        ("GET", "/runtime/webhooks/unknown"),
    ],
)
async def test_what_is_not_routed_is_an_empty_404(
    session: aiohttp.ClientSession, web: HostProcess, method: str, path: str
) -> None:
    assert await ask(session, web, path, method=method) == (404, "")


@pytest.mark.parametrize(
    ("path", "header", "code", "status"),
    [
        ("guarded", None, "wrong", 401),
        ("guarded", None, FUNCTION_KEY, 200),
        ("guarded", FUNCTION_KEY, None, 200),
        ("guarded", MASTER_KEY, None, 200),
        ("guarded", None, SYSTEM_KEY, 401),
        ("guarded", "wrong", FUNCTION_KEY, 401),
        ("guarded", "", FUNCTION_KEY, 401),
        ("guarded", FUNCTION_KEY, "wrong", 200),
        ("admin-only", FUNCTION_KEY, None, 401),
        ("admin-only", None, MASTER_KEY, 200),
        ("disabled", None, None, 401),
        ("disabled", FUNCTION_KEY, None, 404),
    ],
)
async def test_keys(  # noqa: PLR0913, PLR0917 -- the columns of the table
    session: aiohttp.ClientSession, web: HostProcess, path: str, header: str | None, code: str | None, status: int
) -> None:
    headers = {"x-functions-key": header} if header is not None else {}
    params = {"code": code} if code else {}
    found, body = await ask(session, web, f"/api/{path}", headers=headers, params=params)
    assert found == status
    assert bool(body) == (status == 200)


async def test_the_worker_sees_the_request_as_it_was_sent(session: aiohttp.ClientSession, web: HostProcess) -> None:
    headers = [("X-Many", "1"), ("X-Many", "2"), ("Content-Type", "text/plain")]
    path = "/api/mirror?a=1&a=2&empty=&B=%20x"
    body = await mirrored(session, web, path, method="PUT", headers=headers, data="grüße".encode())
    assert body["method"] == "PUT"
    assert body["url"] == f"{web.base_url}{path}"
    assert body["query"] == {"a": "1,2", "B": " x"}
    assert body["headers"]["x-many"] == "1,2"
    assert all(name == name.lower() for name in body["headers"])
    assert body["body"] == "grüße"


async def test_a_chunked_body_arrives_empty(session: aiohttp.ClientSession, web: HostProcess) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"lost":'
        yield b"true}"

    body = await mirrored(session, web, "/api/mirror", method="POST", data=chunks())
    assert body["headers"]["transfer-encoding"] == "chunked"
    assert body["body"] == ""


async def test_a_body_above_the_limit_is_an_empty_500(session: aiohttp.ClientSession, web: HostProcess) -> None:
    assert (await mirrored(session, web, "/api/mirror", method="POST", data=b"x" * 1000))["body"] == "x" * 1000
    assert await ask(session, web, "/api/mirror", method="POST", data=b"x" * 1001) == (500, "")


async def test_a_failing_function_is_an_empty_500_and_one_line_in_the_log(
    session: aiohttp.ClientSession, web: HostProcess
) -> None:
    assert await ask(session, web, "/api/fails") == (500, "")

    async def logged() -> bool:
        return (
            len(re.findall(r"fails \w{8} failed: PermissionError: secret of GET \(at function_app.py:.*\n", web.log))
            == 1
        )

    await until(logged)


async def test_an_http_response_goes_out_as_the_function_made_it(
    session: aiohttp.ClientSession, web: HostProcess
) -> None:
    async with session.get(f"{web.base_url}/api/answers/response") as response:
        assert response.status == 418
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert response.headers["X-Method"] == "GET"
        assert response.cookies["crumb"].value == "1"
        assert await response.text() == "grüße"


async def test_an_answer_without_a_body(session: aiohttp.ClientSession, web: HostProcess) -> None:
    assert await ask(session, web, "/api/answers/empty") == (204, "")
    assert await ask(session, web, "/api/unrouted", method="HEAD") == (200, "")


async def test_home_page_and_status_are_open(session: aiohttp.ClientSession, web: HostProcess) -> None:
    status, page = await ask(session, web, "/")
    assert status == 200
    assert "up and running" in page
    assert (await mirrored(session, web, "/admin/host/status"))["state"] == "Running"
