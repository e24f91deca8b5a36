"""A token goes to Graph and nowhere else: no text, no observation, no log record holds it."""

import json
import logging
import traceback
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from domain.observation import Observation
from graph.errors import GraphError
from graph.look import look, look_at_page
from graph.refresh import refresh
from graph.urls import OPERATIONS
from tests.graph.conftest import FakeCredentials, Reply, ScriptedGraph, client_of
from tests.support.wire import raw_server

SECRET = "secret-"
REPLIES = {
    "found": [Reply(200)],
    "a page elsewhere": [Reply(200, b'{"value": [], "@odata.nextLink": "https://evil.example/x?a=1"}')],
    "accepted": [Reply(202, b"", {"Location": f"{OPERATIONS}x"})],
    "accepted elsewhere": [Reply(202, b"", {"Location": "https://evil.example/x"})],
    "unreadable": [Reply(200, b"<html>")],
    "refused once": [Reply(401), Reply(200)],
    "refused twice": [Reply(401)],
    "challenged": [Reply(401, b"", {"WWW-Authenticate": 'Bearer claims="e30="'}), Reply(403)],
    "forbidden": [Reply(403, b'{"error": {"code": "Forbidden", "message": "No."}}')],
    "throttled": [Reply(429, b"", {"Retry-After": "5"})],
    "redirected": [Reply(302, b"", {"Location": "https://evil.example/"})],
    "broken": [Reply(500, b"<html>")],
}


type Ask = Callable[[str], Awaitable[Observation]]
ASKED: dict[str, Ask] = {
    "a look": lambda base_url: look(f"{base_url}/x", "operation"),
    "a page": lambda base_url: look_at_page(f"{base_url}/x", None, "alerts"),
    "a refresh": lambda base_url: refresh(base_url, f"{base_url}/x/refresh", {"scopeId": "/"}),
}


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    for name in ("aiohttp", "asyncio", "azure", "graph", "domain"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


def logged(log: pytest.LogCaptureFixture) -> str:
    return log.text + "".join(repr(vars(record)) for record in log.records)


@pytest.mark.parametrize("replies", REPLIES.values(), ids=REPLIES)
@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
async def test_no_observation_tells_the_token(
    app: ScriptedGraph, replies: list[Reply], ask: Ask, log: pytest.LogCaptureFixture
) -> None:
    app.answers(*replies)
    observation = await ask(app.base_url)
    assert all(token.startswith(SECRET) for token in app.tokens)
    assert app.tokens
    assert SECRET not in json.dumps(observation)
    assert SECRET not in logged(log)


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nA b: c\r\n\r\n",
    ],
)
async def test_no_broken_connection_tells_the_token(
    written: bytes, credentials: FakeCredentials, log: pytest.LogCaptureFixture
) -> None:
    async with raw_server(written) as base_url, client_of(base_url) as client:
        for ask in (client.get, client.post):
            with pytest.raises(GraphError) as raised:
                await ask(f"{base_url}/x", "c-1")
            assert SECRET not in "".join(traceback.format_exception(raised.value))
            assert SECRET not in repr(raised.value)
    assert credentials.asked
    assert SECRET not in logged(log)


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
async def test_no_slow_answer_tells_the_token(
    app: ScriptedGraph,
    ask: Ask,
    credentials: FakeCredentials,
    monkeypatch: pytest.MonkeyPatch,
    log: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("graph.client.TIMEOUT", aiohttp.ClientTimeout(total=1e-6))
    observation = await ask(app.base_url)
    assert observation["kind"] == "tryAgain"
    assert credentials.asked
    assert SECRET not in json.dumps(observation)
    assert SECRET not in logged(log)
