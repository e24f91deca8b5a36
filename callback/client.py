"""One POST to a caller's callback URL."""

import io
import json
from collections.abc import Sequence

import aiohttp
from yarl import URL

from callback.addresses import GuardedSockets
from callback.verdict import answered, not_answered, not_sent
from domain.callback_url import callback_host, callback_url
from domain.delivery import Attempt, CallbackPost

TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=30)
"""Seconds, as for Graph: enough for a receiver that answers before it goes to work."""
USER_AGENT = "pim-alert-refresh"


async def post(sent: CallbackPost, allowed_hosts: Sequence[str]) -> Attempt:
    """POST once and return what it gave. No error of the network or the receiver leaves here, aiohttp's included."""
    try:
        # Once more: the setting may have changed since the run was started.
        url = callback_url(sent["url"], allowed_hosts)
    except ValueError as error:
        return not_sent(f"callbackUrl {error}")
    sockets = GuardedSockets(callback_host(url))
    try:
        return await _exchange(url, sent, sockets)
    # Whatever it is: aiohttp raises ValueError and AssertionError, too, and what leaves an activity is logged with its
    # text, which may hold the URL.
    except Exception as error:  # noqa: BLE001
        if sockets.refused:
            return not_sent(f"the host of callbackUrl leads to an address that is {sockets.refused}")
        return not_answered(error)


async def _exchange(url: str, sent: CallbackPost, sockets: GuardedSockets) -> Attempt:
    headers = {
        "Content-Type": sent["mediaType"],
        "Idempotency-Key": sent["runId"],
        "User-Agent": USER_AGENT,
        "Accept-Encoding": "identity",
    }
    # In pieces: aiohttp warns of bytes beyond 1 MiB, which would hold up the event loop.
    body = io.BytesIO(json.dumps(sent["body"]).encode())
    async with (
        # A session and a connector for each call: a run has one callback, so that there is nothing to pool or to close
        # with the event loop, and no connection, name or cookie is left over from another run.
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(socket_factory=sockets),
            auto_decompress=False,
            # A proxy from the environment would connect in our place, past the guard.
            trust_env=False,
        ) as session,
        session.post(
            # As it is: quoted anew, a signature may be another one.
            URL(url, encoded=True),
            data=body,
            headers=headers,
            timeout=TIMEOUT,
            allow_redirects=False,
        ) as answer,
    ):
        # The status is the receipt. The body is not read, however long it may be and whatever it would unpack to.
        return answered(answer.status, answer.headers)
