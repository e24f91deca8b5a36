"""The callback URL opens the caller's workflow: it goes to the receiver and nowhere else."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from alert_refresh.run.delivery import Attempt
from tests.callback.conftest import HOST, PUBLIC, SECRET, TARGET, Internet, Receiver, call_back, deliver
from tests.graph.conftest import OK, Reply
from tests.support.wire import raw_server


@pytest.fixture(autouse=True)
async def log(caplog: pytest.LogCaptureFixture) -> AsyncIterator[pytest.LogCaptureFixture]:
    """Log all there is to log: asyncio tells of every connection and every forgotten task when it is asked to."""
    caplog.set_level(logging.DEBUG)
    for name in ("aiohttp", "aiohttp.client", "aiohttp.internal", "asyncio", "activities", "alert_refresh"):
        caplog.set_level(logging.DEBUG, logger=name)
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    yield caplog
    loop.set_debug(False)


def assert_secret(attempt: Attempt, log: pytest.LogCaptureFixture) -> None:
    for text in (json.dumps(attempt), log.text, "".join(repr(vars(record)) for record in log.records)):
        assert SECRET not in text
        assert "sig=" not in text
        assert "/workflows" not in text
        assert "session-of-another" not in text


JUNK = {"Location": f"https://evil.example/{SECRET}", "Set-Cookie": "id=session-of-another", "Retry-After": "sig="}


@pytest.mark.parametrize("status", [200, 302, 404, 503])
async def test_no_answer_shows_the_url(receiver: Receiver, status: int, log: pytest.LogCaptureFixture) -> None:
    receiver.answers(Reply(status, f"no workflow at {TARGET}".encode(), JUNK))
    attempt = await deliver(receiver.base_url)
    assert SECRET in receiver.requests[0].raw_path
    assert_secret(attempt, log)


ECHO = OK + b"X-Echo: " + TARGET.encode()


@pytest.mark.parametrize("written", [OK + b"A b: id=session-of-another\r\n\r\n", ECHO + b"\r\nHalf", ECHO * 1000])
async def test_no_broken_connection_shows_the_url(written: bytes, log: pytest.LogCaptureFixture) -> None:
    async with raw_server(written) as base_url:
        assert_secret(await deliver(base_url), log)


@pytest.mark.parametrize("addresses", [[], ["10.0.0.1"], [PUBLIC], ["127.0.0.1", PUBLIC]])
async def test_no_address_shows_the_url(
    internet: Internet, addresses: list[str], log: pytest.LogCaptureFixture
) -> None:
    internet.names[HOST] = addresses
    attempt = await call_back()
    assert attempt["kind"] != "delivered"
    assert_secret(attempt, log)
    assert "10.0.0.1" not in attempt["detail"], "whoever may start a run learns nothing of the network inside"


TELLING = f"POST http://127.0.0.1:9{TARGET}"
INFO = aiohttp.RequestInfo(URL(f"http://127.0.0.1:9{TARGET}"), "POST", CIMultiDictProxy(CIMultiDict()))
RESPONSE = aiohttp.ClientResponseError(INFO, (), status=400, message=TELLING)


@pytest.mark.parametrize("error", [aiohttp.InvalidURL(TELLING), RESPONSE, OSError(5, TELLING), RuntimeError(TELLING)])
async def test_no_error_shows_the_url(
    error: Exception, monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(aiohttp.ClientSession, "post", fail)
    attempt = await deliver("http://127.0.0.1:9")
    assert attempt["kind"] == "tryAgain"
    assert_secret(attempt, log)


async def test_no_cancelled_task_shows_the_url(log: pytest.LogCaptureFixture) -> None:
    arrived = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        arrived.set()
        await reader.read()

    async with raw_server(then=hang) as base_url:
        posting = asyncio.create_task(deliver(base_url))
        await arrived.wait()
        posting.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await posting
    assert_secret({"kind": "tryAgain", "detail": repr(raised.value), "retryAfter": None}, log)
