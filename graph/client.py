"""One request to Graph, with a token that goes nowhere else."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

import aiohttp
from yarl import URL

from graph.answer import Accepted, Answer, asked_to_wait
from graph.body import parse_object, read_limited
from graph.claims import parse_claims
from graph.error_body import parse_error_body, whole
from graph.errors import AnswerUnreadable, GraphRefused, GraphUnreachable, UntrustedUrl
from graph.tokens import Tokens
from telemetry.metrics import record_throttled

TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=30)
UNAUTHORIZED, TOO_MANY_REQUESTS = 401, 429


class GraphClient:
    """Asks Graph at `base_url`. Raises only `graph.errors.GraphError`."""

    def __init__(self, session: aiohttp.ClientSession, tokens: Tokens, base_url: str) -> None:
        self._session = session
        self._tokens = tokens
        self._origin = URL(base_url).origin()

    async def get(self, url: str, client_request_id: str) -> Answer:
        """GET `url` (absolute, already quoted).

        Raises `IdentityError`, `GraphUnreachable`, `AnswerUnreadable`, `UntrustedUrl`, `GraphRefused`.
        """
        headers, body = await self._ask("GET", url, client_request_id)
        date, retry_after = asked_to_wait(headers)
        try:
            return Answer(parse_object(body), date, retry_after)
        except AnswerUnreadable as error:
            error.retry_after = retry_after
            raise

    async def post(self, url: str, client_request_id: str, body: Mapping[str, Any] | None = None) -> Accepted:
        """POST to the action `url`; what the answer holds besides its headers is left.

        Raises as `get` does. After `GraphUnreachable` and `AnswerUnreadable` Graph may have acted all the same.
        """
        content = b"" if body is None else json.dumps(body).encode()
        headers, _ = await self._ask("POST", url, client_request_id, content)
        date, retry_after = asked_to_wait(headers)
        return Accepted(headers.get("Location", ""), date or datetime.now(UTC), retry_after)

    async def _ask(
        self, method: Literal["GET", "POST"], url: str, client_request_id: str, content: bytes | None = None
    ) -> tuple[Mapping[str, str], bytes]:
        """Return headers and body of a 2xx answer. A 401 is tried once more with a fresh token."""
        target = URL(url, encoded=True)
        if target.origin() != self._origin:
            raise UntrustedUrl(f"it is not under {self._origin}")
        ask = partial(self._exchange, method, target, _headers(client_request_id, content), content)
        token = await self._tokens.get()
        status, got, body = await ask(token)
        if status == UNAUTHORIZED:
            token = await self._tokens.renew(token, parse_claims(got.get("WWW-Authenticate")))
            status, got, body = await ask(token)
        if not 200 <= status < 300:  # noqa: PLR2004
            code, message = parse_error_body(body)
            waits = asked_to_wait(got)[1]
            if status == TOO_MANY_REQUESTS:
                record_throttled(waits or 0.0)
            raise GraphRefused(status, code, message, whole(got.get("request-id", "")) or None, waits)
        return got, body

    async def _exchange(
        self, method: str, target: URL, headers: Mapping[str, str], content: bytes | None, token: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        sent = {**headers, "Authorization": f"Bearer {token}"}
        try:
            async with self._session.request(
                method, target, headers=sent, data=content, timeout=TIMEOUT, allow_redirects=False
            ) as answer:
                try:
                    return answer.status, answer.headers, await read_limited(answer.content)
                except AnswerUnreadable as error:
                    error.retry_after = asked_to_wait(answer.headers)[1]
                    raise
        # ValueError: what cannot be sent, as a header with a line break in it.
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise GraphUnreachable(_said(error)) from error


def _headers(client_request_id: str, content: bytes | None) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "client-request-id": client_request_id,
        # Otherwise Graph hides every newer word of an enum behind `unknownFutureValue`.
        "Prefer": "include-unknown-enum-members",
    }
    if content is None:
        return headers
    # Graph's documentation requires the type of an action without a body, too.
    return headers | {"Content-Type": "application/json", "Content-Length": str(len(content))}


def _said(error: Exception) -> str:
    """Say what happened to the connection. Most of aiohttp's own texts repeat what came over it, headers included."""
    match error:
        case TimeoutError():
            return "no answer in time"
        case aiohttp.ServerDisconnectedError():
            return "the server closed the connection"
        case aiohttp.ClientConnectorError():
            return str(error).partition("\n")[0][:300]
        case _:
            return f"the connection broke ({type(error).__name__})"
