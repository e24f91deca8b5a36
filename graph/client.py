"""One request to Graph, with a token that goes nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
from yarl import URL

from domain.retry_after import parse_http_date, parse_retry_after
from graph.body import parse_object, read_limited
from graph.claims import parse_claims
from graph.error_body import parse_error_body
from graph.errors import AnswerUnreadable, GraphRefused, GraphUnreachable, UntrustedUrl
from graph.tokens import Tokens

TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=30)
UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer: its JSON object, the server's clock, and what Graph asked to wait at least, in seconds."""

    body: dict[str, Any]
    date: datetime
    retry_after: float | None


class GraphClient:
    """Asks Graph at `base_url`. Raises only `graph.errors.GraphError`."""

    def __init__(self, session: aiohttp.ClientSession, tokens: Tokens, base_url: str) -> None:
        self._session = session
        self._tokens = tokens
        self._origin = URL(base_url).origin()

    async def get(self, url: str, client_request_id: str) -> Answer:
        """GET `url` (absolute, already quoted). A 401 is tried once more with a fresh token.

        Raises `IdentityError`, `GraphUnreachable`, `AnswerUnreadable`, `UntrustedUrl`, `GraphRefused`.
        """
        token = await self._tokens.get()
        status, headers, body = await self._exchange(url, client_request_id, token)
        if status == UNAUTHORIZED:
            token = await self._tokens.renew(token, parse_claims(headers.get("WWW-Authenticate")))
            status, headers, body = await self._exchange(url, client_request_id, token)
        date, retry_after = _asked_to_wait(headers)
        if not 200 <= status < 300:  # noqa: PLR2004
            code, message = parse_error_body(body)
            raise GraphRefused(status, code, message, headers.get("request-id"), retry_after)
        try:
            return Answer(parse_object(body), date, retry_after)
        except AnswerUnreadable as error:
            error.retry_after = retry_after
            raise

    async def _exchange(self, url: str, client_request_id: str, token: str) -> tuple[int, Mapping[str, str], bytes]:
        target = URL(url, encoded=True)
        if target.origin() != self._origin:
            raise UntrustedUrl(f"it is not under {self._origin}")
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "client-request-id": client_request_id,
            # Otherwise Graph hides every newer word of an enum behind `unknownFutureValue`.
            "Prefer": "include-unknown-enum-members",
        }
        try:
            async with self._session.get(target, headers=headers, timeout=TIMEOUT, allow_redirects=False) as answer:
                try:
                    return answer.status, answer.headers, await read_limited(answer.content)
                except AnswerUnreadable as error:
                    error.retry_after = _asked_to_wait(answer.headers)[1]
                    raise
        # ValueError: what cannot be sent, as a header with a line break in it.
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise GraphUnreachable(_said(error)) from error


def _asked_to_wait(headers: Mapping[str, str]) -> tuple[datetime, float | None]:
    """Return the server's clock, and the seconds that Graph asked to wait at least."""
    date = parse_http_date(headers.get("Date")) or datetime.now(UTC)
    return date, parse_retry_after(headers.get("Retry-After"), date)


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
