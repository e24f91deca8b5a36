"""The activity `post_callback` and its one POST: what is sent, what an answer means, and what happens on the way."""

import asyncio
import gzip
import json
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from activities.post_callback import post_callback
from alert_refresh.settings import settings
from tests.callback.certificates import DAY, NOW, contexts
from tests.callback.conftest import (
    HOST,
    LOOPBACK,
    PUBLIC,
    RESULT,
    RUN_ID,
    SECRET,
    SESSION,
    TARGET,
    Internet,
    Receiver,
    assert_secret,
    call_back,
    deliver,
    make_post,
    send,
    serve_public,
)
from tests.graph.conftest import BROKEN, OK, Reply, unwrap
from tests.support.wire import AIOHTTP, OF_THE_SYSTEM, made, raw_server


@pytest.fixture(autouse=True)
async def log(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Log all there is to log, and none of it may open the workflow.

    asyncio tells of every connection and every forgotten task when it is asked to.
    """
    for name in (None, "aiohttp", "aiohttp.client", "aiohttp.internal", "asyncio", "activities", "alert_refresh"):
        caplog.set_level(logging.DEBUG, logger=name)
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    yield
    loop.set_debug(False)
    for record in caplog.get_records("call"):
        assert_secret(f"{record.getMessage()} {vars(record)!r}")


@pytest.mark.parametrize("media_type", ["application/json", "application/problem+json"])
async def test_the_post_as_the_receiver_gets_it(receiver: Receiver, media_type: Any) -> None:
    attempt = await send({**make_post(receiver.base_url + TARGET), "mediaType": media_type}, LOOPBACK)
    assert attempt == {"kind": "delivered", "detail": "The receiver answered HTTP 202.", "retryAfter": None}

    (request,), (body,) = receiver.requests, receiver.bodies
    assert (request.method, request.raw_path) == ("POST", TARGET)
    assert request.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["Content-Type"] == media_type
    assert request.headers["Idempotency-Key"] == RUN_ID
    assert request.headers["User-Agent"].startswith("pim-alert-refresh")
    assert int(request.headers["Content-Length"]) == len(body)
    assert json.loads(body) == RESULT
    assert not {"Authorization", "Cookie", "Content-Disposition", "x-functions-key"} & request.headers.keys()


@pytest.mark.parametrize(
    "target", ["/a%2Fb%2fc/%7E~?sig=a%2Bb+c%20d", "/?a=1&a=2&&b", '/"<>[]^`{|}', "/../x/./y//", "/%"]
)
async def test_every_letter_arrives_as_it_was_signed(receiver: Receiver, target: str) -> None:
    await send(make_post(receiver.base_url + target), LOOPBACK)
    assert receiver.requests[0].raw_path == target


@pytest.mark.parametrize(
    ("status", "kind", "advice"),
    [
        *((status, "delivered", r"\.") for status in (200, 201, 204, 226, 299)),
        *((status, "tryAgain", "; if it goes on") for status in (408, 429, 500, 503, 599, 600, 999)),
        *((status, "refused", ": redirects are not followed") for status in (301, 302, 303, 307, 308)),
        *((status, "refused", ": its signature is wrong") for status in (401, 403)),
        *((status, "refused", ": nobody waits there any more") for status in (404, 410)),
        (413, "refused", ": the result is too large"),
        *((status, "refused", ": it does not take the result") for status in (300, 304, 400, 418, 451, 499)),
    ],
)
async def test_an_answer_is_a_receipt_or_worth_another_attempt_or_final(
    receiver: Receiver, status: int, kind: str, advice: str
) -> None:
    headers = {"Retry-After": "5", "Location": f"{receiver.base_url}/{SECRET}", "Set-Cookie": f"id={SESSION}"}
    receiver.answers(Reply(status, f"no workflow at {TARGET}".encode(), headers))
    attempt = await deliver(receiver.base_url)
    assert (attempt["kind"], attempt["retryAfter"]) == (kind, 5.0 if kind == "tryAgain" else None)
    assert re.fullmatch(rf"The receiver answered HTTP {status}{advice}[^.]*\.?", attempt["detail"])
    assert len(receiver.requests) == 1, "no redirect is followed, and another attempt is for the orchestration to make"


@pytest.mark.parametrize(("header", "seconds"), [("Sat, 31 Jan 2026 12:02:00 GMT", 120.0), ("soon", None)])
async def test_a_date_to_wait_for_is_measured_by_the_receivers_clock(
    receiver: Receiver, header: str, seconds: float | None
) -> None:
    receiver.answers(Reply(503, headers={"Date": "Sat, 31 Jan 2026 12:00:00 GMT", "Retry-After": header}))
    attempt = await deliver(receiver.base_url)
    assert (attempt["kind"], attempt["retryAfter"]) == ("tryAgain", seconds)


async def test_no_proxy_of_the_environment_is_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await deliver(receiver.base_url))["kind"] == "delivered"


async def test_no_answer_is_unpacked(receiver: Receiver) -> None:
    """What is no gzip would break the connection, were it read; and what is would fill the memory."""
    for body in (b"no gzip at all", gzip.compress(bytes(2**26), compresslevel=1)):
        receiver.answers(Reply(200, body, {"Content-Encoding": "gzip"}))
        assert (await deliver(receiver.base_url))["kind"] == "delivered"
    assert {request.headers["Accept-Encoding"] for request in receiver.requests} == {"identity"}


async def test_the_setting_decides_where_the_activity_posts(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = []
    for hosts in ("127.0.0.1", "*.logic.azure.com,localhost", "not a host"):
        monkeypatch.setenv("CALLBACK_ALLOWED_HOSTS", hosts)
        settings.cache_clear()
        attempts.append(await unwrap(post_callback)(make_post(receiver.base_url + TARGET)))
    settings.cache_clear()
    assert json.loads(json.dumps(attempts, allow_nan=False)) == attempts
    assert [attempt["kind"] for attempt in attempts] == ["delivered", "refused", "tryAgain"]
    detail = "Nothing was sent: callbackUrl must have a host of the app setting CALLBACK_ALLOWED_HOSTS; 127.0.0.1 is"
    assert attempts[1]["detail"] == f"{detail} none of them."
    assert [json.loads(body) for body in receiver.bodies] == [RESULT]


ECHO = OK + b"X-Echo: " + TARGET.encode()
ECHOES = [OK + b"A b: id=" + SESSION.encode() + b"\r\n\r\n", ECHO + b"\r\nHalf", ECHO * 1000 + b"\r\n\r\n"]


@pytest.mark.parametrize("written", [*BROKEN.values(), *([echo] for echo in ECHOES)])
async def test_half_an_answer_is_none(written: list[bytes]) -> None:
    async with raw_server(*written) as base_url:
        attempt = await deliver(base_url)
    assert (attempt["kind"], attempt["retryAfter"]) == ("tryAgain", None)
    assert attempt["detail"].startswith("The receiver gave no answer: ")


@pytest.mark.parametrize("written", [b"", OK, OK + b"A: b\r\n"], ids=["nothing", "a status", "a header"])
async def test_an_answer_that_takes_too_long(written: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        while await reader.read(65_536):
            pass

    monkeypatch.setattr("alert_refresh.callback.client.TIMEOUT", aiohttp.ClientTimeout(total=0.05))
    async with raw_server(written, then=hang) as base_url:
        attempt = await deliver(base_url)
    assert attempt["kind"] == "tryAgain"
    assert "none came in time" in attempt["detail"]


@pytest.mark.parametrize(("status", "kind"), [(b"200", "delivered"), (b"413", "refused"), (b"503", "tryAgain")])
async def test_an_answer_before_the_body_was_sent_is_an_answer(status: bytes, kind: str) -> None:
    """The request stays in the buffers, so that a large one cannot come to its end."""
    given_up = asyncio.Event()

    async def hold(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await given_up.wait()

    async with raw_server(b"HTTP/1.1 " + status + b" X\r\nContent-Length: 0\r\n\r\n", then=hold) as base_url:
        attempt = await send({**make_post(base_url), "body": {"alert": "x" * 2**25}}, LOOPBACK)
        given_up.set()
    assert (attempt["kind"], f"HTTP {status.decode()}" in attempt["detail"]) == (kind, True)


HALF_READ = {
    "half a body": [OK + b"Content-Length: 100\r\n\r\n", b"{}"],
    "half the chunks": [OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"],
    "headers in no known encoding": [OK + b"Retry-After: \xff\xfe\r\nDate: \xff\r\nContent-Length: 0\r\n\r\n"],
    "a preliminary answer before": [b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n", OK + b"\r\n"],
}


@pytest.mark.parametrize("written", HALF_READ.values(), ids=HALF_READ)
async def test_the_status_is_the_receipt_whatever_follows(written: list[bytes]) -> None:
    async with raw_server(*written) as base_url:
        assert (await deliver(base_url))["kind"] == "delivered"


@pytest.mark.parametrize("named", [None, "*.logic.azure.com", f"{HOST}.evil.example", HOST])
async def test_without_tls_and_a_certificate_of_that_host_and_day_nothing_is_sent(
    internet: Internet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str | None
) -> None:
    of_server, of_app = contexts(named or HOST, tmp_path, NOW + (-DAY if named == HOST else DAY))
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", of_app)
    async with serve_public(internet, of_server if named else None) as receiver:
        attempt = await call_back()
    assert attempt["kind"] == "tryAgain", "a certificate can be renewed"
    fault = "certificate is not trusted, out of date or of another name" if named else "TLS could not be agreed on"
    assert fault in attempt["detail"]
    assert (internet.connected, receiver.requests) == ([PUBLIC], [])


TELLING = f"POST http://127.0.0.1:9{TARGET}"
INFO = aiohttp.RequestInfo(URL(f"http://127.0.0.1:9{TARGET}"), "POST", CIMultiDictProxy(CIMultiDict()))
ERRORS = [
    *(made(error) for error in (*AIOHTTP, *OF_THE_SYSTEM)),
    *(aiohttp.InvalidURL(TELLING), aiohttp.ClientResponseError(INFO, (), status=400, message=TELLING)),
    *(OSError(5, TELLING), RuntimeError(TELLING), AssertionError(TELLING)),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
async def test_no_error_leaves(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(aiohttp.ClientSession, "post", fail)
    attempt = await deliver("http://127.0.0.1:9")
    assert (attempt["kind"], attempt["retryAfter"]) == ("tryAgain", None)
    assert attempt["detail"].startswith("The receiver gave no answer: ")


UNREACHABLE = "no connection could be made; check the app's outbound network (OSError)"
DOWN = "20.50.60.71"
INSIDE = "Nothing was sent: the host of callbackUrl leads to an address that is"


@pytest.mark.parametrize(
    ("addresses", "fault", "connected"),
    [
        ([PUBLIC], None, [PUBLIC]),
        (["10.0.0.1"], f"{INSIDE} private.", []),
        (["169.254.169.254"], f"{INSIDE} link-local.", []),
        (["168.63.129.16"], f"{INSIDE} Azure's own (WireServer).", []),
        *(([inside, PUBLIC], None, [PUBLIC]) for inside in ("127.0.0.1", "fd00:ec2::254")),
        *(([PUBLIC, inside], None, [PUBLIC]) for inside in ("127.0.0.1", "169.254.169.254")),
        # A public address may be back, and a private one is no way out.
        *(([DOWN, inside], UNREACHABLE, [DOWN]) for inside in ("127.0.0.1", "10.0.0.1")),
        (["::1", DOWN], UNREACHABLE, [DOWN]),
        (None, "DNS has no address for its name", []),
        ([], "The receiver gave no answer", []),
    ],
)
async def test_an_allowed_name_is_called_back_at_its_public_addresses_only(
    logic_app: Receiver, internet: Internet, addresses: list[str] | None, fault: str | None, connected: list[str]
) -> None:
    internet.names = {} if addresses is None else {HOST: addresses}
    attempt = await call_back()
    assert not any(address in attempt["detail"] for address in addresses or ()), "nobody learns of the network inside"
    kind = "delivered" if fault is None else "refused" if INSIDE in fault else "tryAgain"
    assert (attempt["kind"], (fault or "HTTP 202") in attempt["detail"]) == (kind, True)
    assert (internet.asked, list(dict.fromkeys(internet.connected))) == ([HOST], connected)
    assert [request.headers["Host"] for request in logic_app.requests] == [HOST] * (kind == "delivered")


async def test_the_address_that_was_looked_up_is_the_one_that_is_connected_to(
    logic_app: Receiver, internet: Internet
) -> None:
    """Whoever rebinds a name within one POST needs two lookups: one to be checked, another to be connected to."""
    internet.names[HOST], internet.rebound[HOST] = ["10.0.0.1"], [PUBLIC]
    assert (await call_back())["kind"] == "refused"
    internet.names[HOST], internet.rebound[HOST] = [PUBLIC], ["10.0.0.1"]
    assert (await call_back())["kind"] == "delivered"
    assert (internet.asked, internet.connected, len(logic_app.requests)) == ([HOST, HOST], [PUBLIC], 1)


@pytest.mark.parametrize(
    ("addresses", "kind"),
    [
        *((addresses, "delivered") for addresses in (["127.0.0.1"], ["::1", "127.0.0.1"], ["10.0.0.1", "127.0.0.1"])),
        *(([address], "refused") for address in (PUBLIC, "10.0.0.1", "::ffff:127.0.0.1", "0.0.0.0")),  # noqa: S104
    ],
)
async def test_localhost_leads_to_loopback_and_nowhere_else(
    receiver: Receiver, internet: Internet, addresses: list[str], kind: str
) -> None:
    """For it alone http is taken: to a public address the signature would travel in the open."""
    internet.names["localhost"], internet.routes = addresses, dict.fromkeys((PUBLIC, "10.0.0.1"), receiver.port)
    attempt = await send(make_post(f"http://localhost:{receiver.port}{TARGET}"), ["localhost"])
    assert (attempt["kind"], "not loopback" in attempt["detail"]) == (kind, kind == "refused")
    assert set(internet.connected) <= {"127.0.0.1", "::1"}
    assert len(receiver.requests) == (kind == "delivered")
