"""One action asked of Graph and what its answer is worth."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest

from graph.body import BODY_LIMIT
from graph.client import GraphClient
from graph.errors import AnswerUnreadable, GraphRefused, GraphUnreachable, IdentityError, UntrustedUrl
from tests.graph.conftest import FakeCredentials, Reply, ScriptedGraph, client_of
from tests.graph.test_client import RETRY_AFTER
from tests.graph.test_renewal import CHALLENGED, CLAIMS, REFUSED
from tests.support.wire import raw_server

DATE = "Sat, 31 Jan 2026 12:00:00 GMT"
LOCATION = "/beta/identityGovernance/roleManagementAlerts/operations/x"
ACCEPTED = Reply(202, b"", {"Location": LOCATION, "Date": DATE})


async def test_an_action_without_a_body_says_how_long_nothing_is(scripted: ScriptedGraph, client: GraphClient) -> None:
    scripted.answers(ACCEPTED)
    got = await client.post(f"{scripted.base_url}/x/refresh", "c-1")

    (request,) = scripted.requests
    assert (request.method, request.raw_path, scripted.bodies) == ("POST", "/x/refresh", [b""])
    assert request.headers.getall("Content-Length") == ["0"]
    assert request.headers.getall("Content-Type") == ["application/json"]
    assert "Transfer-Encoding" not in request.headers
    assert request.headers["Authorization"] == "Bearer secret-1"
    assert request.headers["client-request-id"] == "c-1"
    assert (got.location, got.date, got.retry_after) == (LOCATION, parsedate_to_datetime(DATE), None)


@pytest.mark.parametrize("body", [{"scopeId": "/", "scopeType": "DirectoryRole"}, {"name": "ñ漢😀"}, {}])
async def test_a_body_arrives_as_it_was_given(
    scripted: ScriptedGraph, client: GraphClient, body: dict[str, Any]
) -> None:
    scripted.answers(ACCEPTED)
    await client.post(f"{scripted.base_url}/x", "c-1", body)
    (request,) = scripted.requests
    assert json.loads(scripted.bodies[0]) == body
    assert request.headers.getall("Content-Type") == ["application/json"]
    assert request.headers.getall("Content-Length") == [str(len(scripted.bodies[0]))]


async def test_a_look_says_nothing_of_a_body(scripted: ScriptedGraph, client: GraphClient) -> None:
    await client.get(f"{scripted.base_url}/x", "c-1")
    (request,) = scripted.requests
    assert not {"Content-Type", "Content-Length", "Transfer-Encoding"} & set(request.headers)


@pytest.mark.parametrize("status", [200, 202, 204])
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": 1}'])
async def test_of_a_success_the_headers_are_all_that_counts(
    scripted: ScriptedGraph, client: GraphClient, status: int, body: bytes
) -> None:
    scripted.answers(Reply(status, b"" if status == 204 else body, ACCEPTED.headers))
    assert (await client.post(f"{scripted.base_url}/x", "c-1")).location == LOCATION


async def test_an_answer_may_name_no_location(scripted: ScriptedGraph, client: GraphClient) -> None:
    scripted.answers(Reply(202))
    assert (await client.post(f"{scripted.base_url}/x", "c-1")).location == ""


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("date", [b"", b"Date: soon\r\n", b"Date: \xff\r\n"])
async def test_without_a_clock_of_graphs_there_is_ours(date: bytes) -> None:
    async with (
        raw_server(b"HTTP/1.1 202 Accepted\r\n" + date + b"Content-Length: 0\r\n\r\n") as base_url,
        client_of(base_url) as client,
    ):
        got = await client.post(f"{base_url}/x", "c-1")
    assert timedelta() <= datetime.now(UTC) - got.date < timedelta(minutes=1)


@pytest.mark.parametrize(("header", "seconds"), RETRY_AFTER)
@pytest.mark.parametrize("status", [202, 409, 429])
async def test_any_answer_may_ask_to_wait(
    scripted: ScriptedGraph, client: GraphClient, status: int, header: str, seconds: float | None
) -> None:
    scripted.answers(Reply(status, b"", {"Date": DATE, "Retry-After": header}))
    if status == 202:
        assert (await client.post(f"{scripted.base_url}/x", "c-1")).retry_after == seconds
    else:
        with pytest.raises(GraphRefused) as raised:
            await client.post(f"{scripted.base_url}/x", "c-1")
        assert raised.value.retry_after == seconds


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 400, 403, 404, 409, 410, 411, 429, 500, 503])
async def test_any_other_status_is_a_refusal_and_nothing_is_asked_twice(
    scripted: ScriptedGraph, client: GraphClient, status: int
) -> None:
    body = b'{"error": {"code": "Code", "message": "Why."}}'
    scripted.answers(Reply(status, body, {"request-id": "r-1", "Location": f"{scripted.base_url}/elsewhere"}))
    with pytest.raises(GraphRefused) as raised:
        await client.post(f"{scripted.base_url}/x", "c-1")
    refused = raised.value
    assert (refused.status, refused.code, refused.message, refused.request_id) == (status, "Code", "Why.", "r-1")
    assert len(scripted.requests) == 1


@pytest.mark.parametrize(
    ("refused", "options"),
    [
        (REFUSED, [{"enable_cae": True}, {"enable_cae": True}]),
        (CHALLENGED, [{"enable_cae": True}, {"enable_cae": True, "claims": CLAIMS}]),
    ],
    ids=["plain", "with claims"],
)
async def test_a_refused_token_is_replaced_once_and_the_body_sent_again(
    scripted: ScriptedGraph,
    client: GraphClient,
    credentials: FakeCredentials,
    refused: Reply,
    options: list[dict[str, Any]],
) -> None:
    scripted.answers(refused, ACCEPTED)
    assert (await client.post(f"{scripted.base_url}/x", "c-1", {"a": 1})).location == LOCATION
    assert scripted.tokens == ["secret-1", "secret-2"]
    assert scripted.bodies == [b'{"a": 1}'] * 2
    assert [asked for _, asked in credentials.asked] == options


async def test_a_second_refusal_is_the_answer(scripted: ScriptedGraph, client: GraphClient) -> None:
    scripted.answers(REFUSED)
    with pytest.raises(GraphRefused, match="401"):
        await client.post(f"{scripted.base_url}/x", "c-1")
    assert scripted.tokens == ["secret-1", "secret-2"]


@pytest.mark.parametrize("url", ["https://127.0.0.1/x", "http://127.0.0.1:1/x", "http://graph.example/x"])
async def test_for_another_origin_no_token_is_even_asked(
    scripted: ScriptedGraph, client: GraphClient, credentials: FakeCredentials, url: str
) -> None:
    with pytest.raises(UntrustedUrl):
        await client.post(url, "c-1")
    assert scripted.requests == []
    assert credentials.asked == []


async def test_without_a_token_nothing_is_sent(
    scripted: ScriptedGraph, client: GraphClient, credentials: FakeCredentials
) -> None:
    credentials.failure = ValueError("no identity")
    with pytest.raises(IdentityError):
        await client.post(f"{scripted.base_url}/x", "c-1")
    assert scripted.requests == []


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("written", [b"", b"HTTP/1.1 20", b"HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\n{}"])
async def test_what_broke_off_is_not_sent_again_behind_the_runs_back(written: bytes) -> None:
    asked: list[bytes] = []

    async def count(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0)
        asked.append(written)

    async with raw_server(written, then=count) as base_url, client_of(base_url) as client:
        with pytest.raises(GraphUnreachable):
            await client.post(f"{base_url}/x", "c-1")
    assert len(asked) == 1


@pytest.mark.usefixtures("credentials")
async def test_an_answer_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    monkeypatch.setattr("graph.client.TIMEOUT", aiohttp.ClientTimeout(total=0.05))
    async with raw_server(b"", then=hang) as base_url, client_of(base_url) as client:
        with pytest.raises(GraphUnreachable, match=r"^no answer in time$"):
            await client.post(f"{base_url}/x", "c-1")


async def test_a_body_over_the_limit_is_not_read_to_its_end(scripted: ScriptedGraph, client: GraphClient) -> None:
    scripted.answers(Reply(202, bytes(BODY_LIMIT + 1), {"Retry-After": "120", **ACCEPTED.headers}))
    with pytest.raises(AnswerUnreadable, match="larger than") as raised:
        await client.post(f"{scripted.base_url}/x", "c-1")
    assert raised.value.retry_after == 120.0
