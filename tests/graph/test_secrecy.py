"""A token goes to Graph and nowhere else: no text, no observation, no log record holds it."""

import json
import logging
import traceback
from collections.abc import Awaitable, Callable

import pytest

from alert_refresh.graph.calls import get_operation, refresh
from alert_refresh.graph.errors import GraphError
from alert_refresh.graph.fetch import fetch
from alert_refresh.run.observations import Observation
from tests.graph.conftest import OK, FakeCredentials, Reply, ScriptedGraph, client_of
from tests.support.wire import raw_server

SECRET = "secret-"
REPLIES = {
    "elsewhere": [Reply(200, b'{"value": [], "@odata.nextLink": "https://evil.example/x?a=1"}', {"Location": "x"})],
    "refused twice": [Reply(401)],
    "challenged": [Reply(401, b"", {"WWW-Authenticate": 'Bearer claims="e30="'}), Reply(403)],
    "redirected": [Reply(302, b"", {"Location": "https://evil.example/"})],
}


type Ask = Callable[[], Awaitable[Observation]]
CALLS: dict[str, Ask] = {
    "a poll": lambda: get_operation("x"),
    "a fetch": lambda: fetch({"alertId": "x", "select": [], "expand": [], "limit": 0}),
    "a list": lambda: fetch({"allAlerts": True, "select": [], "expand": [], "limit": 0}),
    "a refresh": lambda: refresh(None),
}


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    for name in ("aiohttp", "asyncio", "azure", "alert_refresh"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


def logged(log: pytest.LogCaptureFixture) -> str:
    return log.text + "".join(repr(vars(record)) for record in log.records)


@pytest.mark.parametrize("replies", REPLIES.values(), ids=REPLIES)
@pytest.mark.parametrize("ask", CALLS.values(), ids=CALLS)
async def test_no_observation_holds_the_token(
    app: ScriptedGraph, replies: list[Reply], ask: Ask, log: pytest.LogCaptureFixture
) -> None:
    app.answers(*replies)
    observation = await ask()
    assert all(token.startswith(SECRET) for token in app.tokens)
    assert app.tokens
    assert SECRET not in json.dumps(observation)
    assert SECRET not in logged(log)


@pytest.mark.parametrize(
    "written", [b"HTTP/1.1 abc\r\n\r\n", OK + b"A b: c\r\n\r\n", OK + b"Set-Cookie: private\r\nX-H"]
)
async def test_no_broken_connection_shows_the_token_or_what_came_back(
    written: bytes, credentials: FakeCredentials, log: pytest.LogCaptureFixture
) -> None:
    async with raw_server(written) as base_url, client_of(base_url) as client:
        for ask in (client.get, client.post):
            with pytest.raises(GraphError) as raised:
                await ask(f"{base_url}/x")
            assert SECRET not in "".join(traceback.format_exception(raised.value))
            assert "private" not in str(raised.value)
    assert credentials.asked
    assert SECRET not in logged(log)
