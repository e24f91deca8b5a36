"""One POST to a caller's callback URL, and what its answer means: delivered, try again, or refused.

No text here repeats the URL, the answer or the text of an exception: they may hold a workflow's signature.
"""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import aiohttp
from yarl import URL

from alert_refresh.callback.urls import GuardedSockets, check_callback_url, find_callback_host
from alert_refresh.run.delivery import Attempt, CallbackPost
from alert_refresh.settings import InvalidSettings, settings
from alert_refresh.telemetry.instruments import record_callback_attempt
from alert_refresh.timestamps import parse_http_date, parse_retry_after

TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=30)
"""Enough for a receiver that answers before it starts its work."""
USER_AGENT = "pim-alert-refresh"

TEMPORARY = frozenset({408, 429})
"""Refusals that may pass, as every status from 500 on."""

ADVICE: Mapping[int, str] = {
    **dict.fromkeys((301, 302, 303, 307, 308), "redirects are not followed; start again with the URL it leads to"),
    **dict.fromkeys((401, 403), "its signature is wrong or has expired; start again with a new callbackUrl"),
    **dict.fromkeys((404, 410), "nobody waits there any more; read the run's result, or start again"),
    413: "the result is too large for it; start again with fewer names in expand and select",
}
OTHER_ADVICE = "it does not take the result; find the reason in its own log"

# The first class that fits counts, so subclasses come before their bases.
FAULTS: Mapping[type[Exception], str] = {
    TimeoutError: "none came in time; it should answer before it does its work",
    aiohttp.ClientConnectorDNSError: "DNS has no address for its name",
    aiohttp.ClientConnectorCertificateError: "its certificate is not trusted, out of date or of another name; renew it",
    aiohttp.ClientSSLError: "TLS could not be agreed on",
    aiohttp.ClientConnectorError: "no connection could be made; check the app's outbound network",
}
OTHER_FAULT = "the connection broke; check its own log"


async def deliver(callback: CallbackPost) -> Attempt:
    """POST once, as the settings allow.

    https://learn.microsoft.com/azure/connectors/connectors-native-webhook
    """
    try:
        allowed_hosts = settings().callback_allowed_hosts
    except InvalidSettings as error:
        # An operator can correct the setting. The app restarts then, and a later attempt succeeds.
        return {"kind": "tryAgain", "detail": f"An application setting is not valid: {error}", "retryAfter": None}
    attempt = await post(callback, allowed_hosts)
    record_callback_attempt(attempt["kind"])
    return attempt


async def post(callback: CallbackPost, allowed_hosts: Sequence[str]) -> Attempt:
    """POST once and return what it gave. No error of the network, the receiver or aiohttp leaves this function.

    allowed_hosts: `Settings.callback_allowed_hosts`
    """
    try:
        # The setting may have changed since the start of the run.
        url = check_callback_url(callback["url"], allowed_hosts)
    except ValueError as error:
        return _refuse(f"callbackUrl {error}")
    sockets = GuardedSockets(find_callback_host(url))
    try:
        return await _exchange(url, callback, sockets)
    # aiohttp raises ValueError and AssertionError, too. The host logs the text of an exception that leaves an activity,
    # and the text may hold the URL.
    except Exception as error:  # noqa: BLE001
        if sockets.refusal:
            return _refuse(f"the host of callbackUrl leads to an address that is {sockets.refusal}")
        text = next((text for kind, text in FAULTS.items() if isinstance(error, kind)), OTHER_FAULT)
        cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
        detail = f"The receiver gave no answer: {text} ({type(cause).__name__})."
        return {"kind": "tryAgain", "detail": detail, "retryAfter": None}


async def _exchange(url: str, callback: CallbackPost, sockets: GuardedSockets) -> Attempt:
    headers = {
        "Content-Type": callback["mediaType"],
        "Idempotency-Key": callback["runId"],
        "User-Agent": USER_AGENT,
        "Accept-Encoding": "identity",
    }
    # A stream: aiohttp warns about a body of more than 1 MiB in bytes, because it blocks the event loop.
    body = io.BytesIO(json.dumps(callback["body"]).encode())
    async with (
        # A session for each POST: no run gets a connection, a DNS answer or a cookie of another one.
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(socket_factory=sockets),
            auto_decompress=False,
            # With a proxy from the environment, the proxy would connect, and nobody would check the address.
            trust_env=False,
        ) as session,
        session.post(
            # A URL that is quoted again may have another signature.
            URL(url, encoded=True),
            data=body,
            headers=headers,
            timeout=TIMEOUT,
            allow_redirects=False,
        ) as answer,
    ):
        # The status says enough. The body is not read: it may be long, or unpack to gigabytes.
        return _judge(answer.status, answer.headers)


def _judge(status: int, headers: Mapping[str, str]) -> Attempt:
    answer = f"The receiver answered HTTP {status}"
    if 200 <= status < 300:  # noqa: PLR2004
        return {"kind": "delivered", "detail": f"{answer}.", "retryAfter": None}
    if status in TEMPORARY or status >= 500:  # noqa: PLR2004
        date = parse_http_date(headers.get("Date")) or datetime.now(UTC)
        retry_after = parse_retry_after(headers.get("Retry-After"), date)
        return {"kind": "tryAgain", "detail": f"{answer}; if it goes on, check its own log.", "retryAfter": retry_after}
    return {"kind": "refused", "detail": f"{answer}: {ADVICE.get(status, OTHER_ADVICE)}.", "retryAfter": None}


def _refuse(reason: str) -> Attempt:
    """Return the attempt that was not made, because the URL is not allowed."""
    return {"kind": "refused", "detail": f"Nothing was sent: {reason}.", "retryAfter": None}
