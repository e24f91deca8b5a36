"""One request to Graph: what is sent, what its answer is worth, and all that can happen to the connection."""

import asyncio
import gc
import gzip
import json
import logging
import traceback
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_refresh.graph import client as client_module
from alert_refresh.graph.client import DEEPEST, LARGEST_BODY, GraphClient, open_client, parse_object
from alert_refresh.graph.errors import AnswerUnreadable, GraphError, GraphRefused, GraphUnreachable, UntrustedUrl
from alert_refresh.settings import settings
from tests.graph.conftest import BROKEN, OK, FakeCredentials, Reply, ScriptedGraph, client_of
from tests.support.generated import json_values, quick
from tests.support.graph_samples import RUNNING
from tests.support.wire import AIOHTTP, OF_THE_SYSTEM, made, raw_server

DATE = "Sat, 31 Jan 2026 12:00:00 GMT"
LOCATION = "/beta/identityGovernance/roleManagementAlerts/operations/x"
ACCEPTED = Reply(202, b"", {"Location": LOCATION, "Date": DATE})
pytestmark = pytest.mark.usefixtures("credentials")
type Method = Literal["GET", "POST"]
BOTH = pytest.mark.parametrize("method", ["GET", "POST"])


async def test_a_get_as_graph_wants_it(scripted: ScriptedGraph, client: GraphClient) -> None:
    scripted.answers(Reply(200, json.dumps(RUNNING).encode(), {"Date": DATE}))
    answer = await client.send("GET", f"{scripted.base_url}/a:b?$select=id,isActive&$filter=x%20eq%20'/'")

    (request,) = scripted.requests
    assert (request.method, request.raw_path) == ("GET", "/a:b?$select=id,isActive&$filter=x%20eq%20'/'")
    assert request.headers["Authorization"] == "Bearer secret-1"
    assert request.headers["Accept"] == "application/json"
    assert request.headers["client-request-id"] == answer.client_request_id
    assert request.headers["Prefer"] == "include-unknown-enum-members"
    assert not {"Content-Type", "Content-Length", "Transfer-Encoding"} & set(request.headers)
    assert (answer.body, answer.date, answer.retry_after) == (RUNNING, parsedate_to_datetime(DATE), None)


@pytest.mark.parametrize(("body", "content"), [(None, b""), ({}, b"{}"), ({"name": "ñ"}, rb'{"name": "\u00f1"}')])
async def test_a_post_as_graph_wants_it(
    scripted: ScriptedGraph, client: GraphClient, body: dict[str, str] | None, content: bytes
) -> None:
    scripted.answers(ACCEPTED)
    answer = await client.send("POST", f"{scripted.base_url}/x/refresh", body)

    (request,) = scripted.requests
    assert (request.method, request.raw_path, scripted.bodies) == ("POST", "/x/refresh", [content])
    assert request.headers.getall("Content-Length") == [str(len(content))]
    assert request.headers.getall("Content-Type") == ["application/json"]
    assert "Transfer-Encoding" not in request.headers
    assert request.headers["client-request-id"] == answer.client_request_id
    assert (answer.headers["Location"], answer.date) == (LOCATION, parsedate_to_datetime(DATE))


BROKEN_BODIES = {
    "cut off": [b"Content-Length: 100\r\n\r\n{"],
    "half the chunks": [b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"],
    "half of gzip": [b"Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n" + gzip.compress(b"{}" * 500)[:20]],
    "larger than the limit": [b"\r\n", b" " * (LARGEST_BODY + 1)],
}


@BOTH
@pytest.mark.parametrize("body", BROKEN_BODIES.values(), ids=BROKEN_BODIES)
@pytest.mark.parametrize("status", [202, 404, 429])
async def test_of_a_broken_body_the_headers_count(status: int, body: list[bytes], method: Method) -> None:
    """It takes away what a GET asked for, and nothing from a POST or a refusal. Any answer may ask to wait."""
    head = (
        f"HTTP/1.1 {status} X\r\nDate: {DATE}\r\nRetry-After: Sat, 31 Jan 2026 12:02:00 GMT\r\n"
        f"Location: {LOCATION}\r\nrequest-id: r-\xff1\r\n"
    )
    async with raw_server(head.encode("latin-1") + body[0], *body[1:]) as base_url, client_of(base_url) as client:
        if status == 202 and method == "POST":
            answer = await client.send("POST", f"{base_url}/x")
            assert (answer.headers["Location"], answer.retry_after) == (LOCATION, 120.0)
            return
        with pytest.raises(GraphError) as raised:
            await client.send(method, f"{base_url}/x")
    error = raised.value
    assert (error.retry_after, isinstance(error, GraphRefused)) == (120.0, status != 202)
    if isinstance(error, GraphRefused):
        assert (error.status, error.code, error.request_id) == (status, "", "r-?1")


@BOTH
@pytest.mark.parametrize("status", [302, 304, 400, 429, 503])
@pytest.mark.parametrize("body", [b"", b"<html>Bad Gateway</html>", b'{"error": {"code": "Code", "message": "Text."}}'])
async def test_any_other_status_is_a_refusal_in_graphs_words_and_nothing_is_sent_twice(
    scripted: ScriptedGraph, client: GraphClient, method: Method, status: int, body: bytes
) -> None:
    scripted.answers(Reply(status, body, {"request-id": "r-1", "Location": f"{scripted.base_url}/elsewhere"}))
    with pytest.raises(GraphRefused) as raised:
        await client.send(method, f"{scripted.base_url}/x")
    words = ("Code", "Text.") if b"error" in body and status != 304 else ("", "")
    assert (raised.value.status, raised.value.request_id) == (status, "r-1")
    assert (raised.value.code, raised.value.message) == words
    assert str(raised.value).startswith(f"Graph answered HTTP {status}")
    assert [request.raw_path for request in scripted.requests] == ["/x"]


async def test_an_answer_may_be_as_large_as_the_limit_once_it_is_unpacked(
    scripted: ScriptedGraph, client: GraphClient
) -> None:
    packed = {"Content-Encoding": "gzip"}
    sample, bomb = gzip.compress(json.dumps(RUNNING).encode()), gzip.compress(bytes(8 * LARGEST_BODY), compresslevel=1)
    scripted.answers(Reply(200, b"{}".ljust(LARGEST_BODY)), Reply(200, sample, packed))
    assert [(await client.send("GET", f"{scripted.base_url}/x")).body for _ in range(2)] == [{}, RUNNING]
    for reply in (Reply(200, b"{}".ljust(LARGEST_BODY + 1)), Reply(200, bomb, packed)):
        scripted.answers(reply)
        with pytest.raises(AnswerUnreadable, match="larger than 16777216 bytes"):
            await client.send("GET", f"{scripted.base_url}/x")


@BOTH
@pytest.mark.parametrize("url", ["https://127.0.0.1/x", "http://127.0.0.1:1/x", "http://localhost/x"])
async def test_for_another_origin_no_token_is_even_requested(
    scripted: ScriptedGraph, client: GraphClient, credentials: FakeCredentials, method: Method, url: str
) -> None:
    with pytest.raises(UntrustedUrl):
        await client.send(method, url)
    assert (scripted.requests, credentials.asked) == ([], [])


NO_ANSWERS = {
    **BROKEN,
    "two lengths": [OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"],
    "a packing nobody asked for": [OK + b"Content-Encoding: br\r\nContent-Length: 10\r\n\r\n0123456789"],
    "a private header": [OK + b"Set-Cookie: session=private\r\nX-Half"],
    "a header that is none": [OK + b"A b: private\r\n\r\n"],
}


@BOTH
@pytest.mark.parametrize("written", NO_ANSWERS.values(), ids=NO_ANSWERS)
async def test_no_whole_answer_is_no_answer_and_an_action_is_not_sent_again(
    written: list[bytes], method: Method, caplog: pytest.LogCaptureFixture
) -> None:
    """And neither the error nor the log holds the token or what came back."""
    requests: list[None] = []

    async def count(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        requests.append(None)
        await asyncio.sleep(0)

    caplog.set_level(logging.DEBUG)
    async with raw_server(*written, then=count) as base_url, client_of(base_url) as client:
        with pytest.raises(GraphUnreachable, match=r"^.+$") as raised:
            await client.send(method, f"{base_url}/x")
    assert method == "GET" or len(requests) == 1
    assert "private" not in f"{raised.value} {caplog.text}"
    assert "secret-" not in "".join(traceback.format_exception(raised.value)) + caplog.text


async def test_a_connection_that_is_refused() -> None:
    async with client_of("http://127.0.0.1:9") as client:
        with pytest.raises(GraphUnreachable, match=r"Cannot connect to host 127\.0\.0\.1"):
            await client.send("GET", "http://127.0.0.1:9/x")


@pytest.mark.parametrize("written", [b"", OK, OK + b"Content-Length: 2\r\n\r\n{"], ids=["nothing", "half", "body"])
async def test_an_answer_that_takes_too_long(written: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    monkeypatch.setattr("alert_refresh.graph.client.TIMEOUT", aiohttp.ClientTimeout(total=0.05))
    async with raw_server(written, then=hang) as base_url, client_of(base_url) as client:
        with pytest.raises(GraphUnreachable, match=r"^no answer in time$"):
            await client.send("GET", f"{base_url}/x")


@pytest.mark.parametrize("error", [*AIOHTTP, *OF_THE_SYSTEM], ids=lambda error: error.__name__)
async def test_no_error_of_the_session_leaves_as_itself(
    error: type[BaseException], client: GraphClient, scripted: ScriptedGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise made(error)

    monkeypatch.setattr(aiohttp.ClientSession, "request", fail)
    with pytest.raises(GraphError):
        await client.send("POST", f"{scripted.base_url}/x")


@pytest.mark.usefixtures("app")
async def test_every_loop_has_its_own_and_closes_it(credentials: FakeCredentials) -> None:
    """ResourceWarning is an error: an unclosed session or connection would fail this test."""
    seen: list[GraphClient] = []

    async def one_process() -> None:
        client = await open_client()
        seen.append(client)
        assert await open_client() is client
        async with asyncio.timeout(10):
            await client.send("GET", f"{settings().graph_base_url}/x")

    for number in (1, 2):
        await asyncio.to_thread(asyncio.run, one_process())
        gc.collect()
        assert client_module._open == {}, "a loop that has ended is let go"  # noqa: SLF001 - nothing else shows it
        assert [credential.closed for credential in credentials.opened] == [1] * number
    assert seen[0] is not seen[1]


@quick
@given(st.dictionaries(st.text(), json_values))
def test_every_json_object_is_read_as_it_is(value: dict[str, Any]) -> None:
    assert parse_object(json.dumps(value).encode()) == value
    assert parse_object(b"\xef\xbb\xbf" + json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b" ", b"<!DOCTYPE html><title>Sign in</title>", b'{"a": 1', b'{"a": 1}}', b"{'a': 1}"),
        *(b"[]", b'[{"a": 1}]', b'"text"', b"1", b"null", b'{"a": "\xff"}', b'{"a": "\xed\xa0\x80"}'),
        *(b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}', b'{"a": 1e999}', b'{"a": [-1e999]}'),
        *(b"[" * 200_000, b'{"a": ' * 200_000, b'{"a": ' + b"9" * 5000 + b"}"),
    ],
    ids=lambda body: body[:20].decode(errors="replace"),
)
def test_what_is_not_a_json_object_to_every_parser_is_unreadable(body: bytes) -> None:
    with pytest.raises(AnswerUnreadable, match=r"^the answer is not (a )?JSON"):
        parse_object(body)


def test_an_answer_has_a_greatest_depth() -> None:
    def nest(levels: int) -> bytes:
        return b'{"a": ' * levels + b"1" + b"}" * levels

    assert parse_object(nest(DEEPEST))
    with pytest.raises(AnswerUnreadable, match="levels"):
        parse_object(nest(DEEPEST + 1))


def test_half_of_a_surrogate_pair_is_replaced_and_a_whole_one_kept() -> None:
    body = rb'{"a": ["\ud83d\ude00", "\uD800x", {"\udfff": "\\ud800"}]}'
    assert parse_object(body) == {"a": ["😀", "?x", {"?": "\\ud800"}]}
