"""One POST to a caller's callback URL, and the verdict: delivered, try again, or refused.

Nothing here repeats the URL, the answer or the text of an exception: they may hold a workflow's signature.
"""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import aiohttp
from yarl import URL

from alert_refresh.callback.addresses import GuardedSockets
from alert_refresh.callback.urls import check_callback_url, find_callback_host
from alert_refresh.run.delivery import Attempt, CallbackPost
from alert_refresh.timestamps import parse_http_date, parse_retry_after

TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=30)
"""Seconds: enough for a receiver that answers before it starts its work."""
USER_AGENT = "pim-alert-refresh"

TEMPORARY = frozenset({408, 429})
"""Refusals that a later attempt may not meet, as with every status from 500 on."""

ADVICE: Mapping[int, str] = {
    **dict.fromkeys((301, 302, 303, 307, 308), "redirects are not followed; start again with the URL it leads to"),
    **dict.fromkeys((401, 403), "its signature is wrong or has expired; start again with a new callbackUrl"),
    **dict.fromkeys((404, 410), "nobody waits there any more; read the run's result, or start again"),
    413: "the result is too large for it; start again with fewer names in expand and select",
}
OTHER_ADVICE = "it does not take the result; find the reason in its own log"

# The first that fits counts: subclasses stand before their bases.
FAULTS: Mapping[type[Exception], str] = {
    TimeoutError: "none came in time; it should answer before it does its work",
    aiohttp.ClientConnectorDNSError: "DNS has no address for its name",
    aiohttp.ClientConnectorCertificateError: "its certificate is not trusted, out of date or of another name; renew it",
    aiohttp.ClientSSLError: "TLS could not be agreed on",
    aiohttp.ClientConnectorError: "no connection could be made; check the app's outbound network",
}
OTHER_FAULT = "the connection broke; check its own log"


async def post(callback: CallbackPost, allowed_hosts: Sequence[str]) -> Attempt:
    """POST once and return what it gave. Raises no error of the network, the receiver or aiohttp.

    allowed_hosts: `Settings.callback_allowed_hosts`
    """
    try:
        # The setting may have changed since the run was started.
        url = check_callback_url(callback["url"], allowed_hosts)
    except ValueError as error:
        return _refuse(f"callbackUrl {error}")
    sockets = GuardedSockets(find_callback_host(url))
    try:
        return await _exchange(url, callback, sockets)
    # aiohttp raises ValueError and AssertionError, too. What leaves an activity is logged with its text, and the text
    # may hold the URL.
    except Exception as error:  # noqa: BLE001
        if sockets.refusal:
            return _refuse(f"the host of callbackUrl leads to an address that is {sockets.refusal}")
        detail = f"The receiver gave no answer: {_describe_fault(error)}."
        return {"kind": "tryAgain", "detail": detail, "retryAfter": None}


async def _exchange(url: str, callback: CallbackPost, sockets: GuardedSockets) -> Attempt:
    headers = {
        "Content-Type": callback["mediaType"],
        "Idempotency-Key": callback["runId"],
        "User-Agent": USER_AGENT,
        "Accept-Encoding": "identity",
    }
    # A stream: aiohttp warns of bytes beyond 1 MiB, which would hold up the event loop.
    body = io.BytesIO(json.dumps(callback["body"]).encode())
    async with (
        # A session for each POST: no connection, name or cookie is left over from another run.
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(socket_factory=sockets),
            auto_decompress=False,
            # A proxy of the environment would connect instead of us, past the guard.
            trust_env=False,
        ) as session,
        session.post(
            # Quoted anew, the signature may be another one.
            URL(url, encoded=True),
            data=body,
            headers=headers,
            timeout=TIMEOUT,
            allow_redirects=False,
        ) as answer,
    ):
        # The status is the receipt. The body is not read, however long it is and whatever it would unpack to.
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
    """Return that nothing was posted, and that no other attempt would be."""
    return {"kind": "refused", "detail": f"Nothing was sent: {reason}.", "retryAfter": None}


def _describe_fault(error: Exception) -> str:
    text = next((text for kind, text in FAULTS.items() if isinstance(error, kind)), OTHER_FAULT)
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return f"{text} ({type(cause).__name__})"
