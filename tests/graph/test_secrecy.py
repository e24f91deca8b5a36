"""A token goes to Graph and nowhere else: no text, no observation, no log record holds it."""

import json
import logging
import traceback

import aiohttp
import pytest

from domain.observation import Observation
from graph.errors import GraphError
from graph.look import look
from tests.graph.conftest import FakeCredentials, Reply, ScriptedGraph, client_of
from tests.support.wire import raw_server

SECRET = "secret-"
REPLIES = {
    "found": [Reply(200)],
    "unreadable": [Reply(200, b"<html>")],
    "refused once": [Reply(401), Reply(200)],
    "refused twice": [Reply(401)],
    "challenged": [Reply(401, b"", {"WWW-Authenticate": 'Bearer claims="e30="'}), Reply(403)],
    "forbidden": [Reply(403, b'{"error": {"code": "Forbidden", "message": "No."}}')],
    "throttled": [Reply(429, b"", {"Retry-After": "5"})],
    "redirected": [Reply(302, b"", {"Location": "https://evil.example/"})],
    "broken": [Reply(500, b"<html>")],
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
async def test_no_look_tells_the_token(app: ScriptedGraph, replies: list[Reply], log: pytest.LogCaptureFixture) -> None:
    app.answers(*replies)
    observation: Observation = await look(f"{app.base_url}/x", "operation")
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
        with pytest.raises(GraphError) as raised:
            await client.get(f"{base_url}/x", "c-1")
    assert credentials.asked
    assert SECRET not in "".join(traceback.format_exception(raised.value))
    assert SECRET not in repr(raised.value)
    assert SECRET not in logged(log)


async def test_no_slow_answer_tells_the_token(
    app: ScriptedGraph,
    credentials: FakeCredentials,
    monkeypatch: pytest.MonkeyPatch,
    log: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("graph.client.TIMEOUT", aiohttp.ClientTimeout(total=1e-6))
    observation = await look(f"{app.base_url}/x", "operation")
    assert observation["kind"] == "tryAgain"
    assert credentials.asked
    assert SECRET not in json.dumps(observation)
    assert SECRET not in logged(log)
