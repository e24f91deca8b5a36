"""One POST and what its answer is worth."""

import gzip
import json
import re

import pytest

from callback.client import post
from domain.delivery import CallbackPost
from domain.retry_after import LONGEST
from tests.callback.conftest import LOOPBACK, RESULT, RUN_ID, TARGET, Receiver, Reply, deliver, sent_to

DATE = "Sat, 31 Jan 2026 12:00:00 GMT"
MAY_PASS = {408, 429}


async def test_the_post_as_the_receiver_gets_it(receiver: Receiver) -> None:
    attempt = await deliver(receiver.base_url)
    assert attempt == {"kind": "delivered", "detail": "The receiver answered HTTP 202.", "retryAfter": None}

    (request,), (body,) = receiver.requests, receiver.bodies
    assert (request.method, request.raw_path) == ("POST", TARGET)
    assert request.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Idempotency-Key"] == RUN_ID
    assert request.headers["User-Agent"].startswith("pim-alert-refresh")
    assert int(request.headers["Content-Length"]) == len(body)
    assert json.loads(body) == RESULT
    assert not {"Authorization", "Cookie", "Content-Disposition", "x-functions-key"} & request.headers.keys()


async def test_a_problem_is_sent_as_one(receiver: Receiver) -> None:
    problem = {"type": "urn:problem-type:pim-alert-refresh:timed-out", "status": 424}
    sent: CallbackPost = {**sent_to(receiver.base_url), "mediaType": "application/problem+json", "body": problem}
    assert (await post(sent, LOOPBACK))["kind"] == "delivered"
    assert receiver.requests[0].headers["Content-Type"] == "application/problem+json"
    assert json.loads(receiver.bodies[0]) == problem


@pytest.mark.parametrize(
    "target", ["/a%2Fb%2fc/%7E~?sig=a%2Bb+c%20d", "/?a=1&a=2&&b", '/"<>[]^`{|}', "/../x/./y//", "/%"]
)
async def test_every_letter_arrives_as_it_was_signed(receiver: Receiver, target: str) -> None:
    await post(sent_to(receiver.base_url + target), LOOPBACK)
    assert receiver.requests[0].raw_path == target


async def test_a_result_of_several_megabytes_arrives_whole(receiver: Receiver) -> None:
    sent: CallbackPost = {**sent_to(receiver.base_url), "body": {"alert": "x" * 5 * 2**20}}
    assert (await post(sent, LOOPBACK))["kind"] == "delivered"
    assert json.loads(receiver.bodies[0]) == sent["body"]


@pytest.mark.parametrize("status", [*range(200, 209), 226, 299])
async def test_any_success_is_a_receipt(receiver: Receiver, status: int) -> None:
    receiver.answers(Reply(status, {"Retry-After": "5"}))
    attempt = await deliver(receiver.base_url)
    assert attempt == {"kind": "delivered", "detail": f"The receiver answered HTTP {status}.", "retryAfter": None}
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("status", [*MAY_PASS, 500, 501, 502, 503, 504, 507, 511, 599, 600, 999])
async def test_what_may_pass_is_worth_another_attempt(receiver: Receiver, status: int) -> None:
    receiver.answers(Reply(status))
    attempt = await deliver(receiver.base_url)
    assert (attempt["kind"], attempt["retryAfter"]) == ("tryAgain", None)
    assert attempt["detail"].startswith(f"The receiver answered HTTP {status};")
    assert len(receiver.requests) == 1, "another attempt is for the orchestration to make"


@pytest.mark.parametrize("status", [*range(300, 309), *(set(range(400, 432)) - MAY_PASS), 451, 499])
async def test_every_other_answer_is_final(receiver: Receiver, status: int) -> None:
    receiver.answers(Reply(status, {"Retry-After": "5"}))
    attempt = await deliver(receiver.base_url)
    assert (attempt["kind"], attempt["retryAfter"]) == ("refused", None)
    assert re.fullmatch(rf"The receiver answered HTTP {status}: [^.]+\.", attempt["detail"])


@pytest.mark.parametrize(
    ("status", "advice"),
    [(307, "redirects are not followed"), (401, "signature"), (404, "nobody waits"), (413, "too large"), (418, "log")],
)
async def test_a_refusal_says_what_to_do(receiver: Receiver, status: int, advice: str) -> None:
    receiver.answers(Reply(status))
    assert advice in (await deliver(receiver.base_url))["detail"]


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["{base}/elsewhere", "/elsewhere", "http://169.254.169.254/metadata/identity"])
async def test_a_redirect_is_not_followed(receiver: Receiver, status: int, location: str) -> None:
    receiver.answers(Reply(status, {"Location": location.format(base=receiver.base_url)}), Reply(200))
    assert (await deliver(receiver.base_url))["kind"] == "refused"
    assert [request.raw_path for request in receiver.requests] == [TARGET]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("10", 10.0),
        ("0.249", 0.249),
        ("-3", 0.0),
        ("Sat, 31 Jan 2026 12:02:00 GMT", 120.0),
        ("Saturday, 31-Jan-26 12:02:00 GMT", 120.0),
        ("Sat, 31 Jan 2026 11:00:00 GMT", 0.0),
        ("9" * 400, LONGEST),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST),
        ("soon", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_the_receiver_may_ask_to_wait(
    receiver: Receiver, status: int, header: str, seconds: float | None
) -> None:
    receiver.answers(Reply(status, {"Date": DATE, "Retry-After": header}))
    attempt = await deliver(receiver.base_url)
    assert (attempt["kind"], attempt["retryAfter"]) == ("tryAgain", seconds)


async def test_no_cookie_goes_back(receiver: Receiver) -> None:
    receiver.answers(Reply(503, {"Set-Cookie": "session=1; Path=/"}), Reply(200))
    assert [(await deliver(receiver.base_url))["kind"] for _ in range(2)] == ["tryAgain", "delivered"]
    assert [request.headers.get("Cookie") for request in receiver.requests] == [None, None]


async def test_no_proxy_of_the_environment_is_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await deliver(receiver.base_url))["kind"] == "delivered"


async def test_no_answer_is_unpacked(receiver: Receiver) -> None:
    """What is no gzip would break the connection, were it read; and what is would fill the memory."""
    for body in (b"no gzip at all", gzip.compress(bytes(2**26), compresslevel=1)):
        receiver.answers(Reply(200, {"Content-Encoding": "gzip"}, body))
        assert (await deliver(receiver.base_url))["kind"] == "delivered"
    assert {request.headers["Accept-Encoding"] for request in receiver.requests} == {"identity"}


async def test_a_url_that_is_no_longer_accepted_is_not_asked(receiver: Receiver) -> None:
    attempt = await post(sent_to(receiver.base_url + TARGET), ["*.logic.azure.com", "localhost"])
    told = (
        "Nothing was sent: callbackUrl must have a host of the app setting CALLBACK_ALLOWED_HOSTS; 127.0.0.1 is none of"
    )
    assert attempt == {"kind": "refused", "detail": f"{told} them.", "retryAfter": None}
    assert receiver.requests == []
