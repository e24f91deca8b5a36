"""One request to Graph, with a token that goes nowhere else."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
from yarl import URL

from domain.retry_after import parse_http_date, parse_retry_after
from graph.claims import parse_claims
from graph.error_body import parse_error_body
from graph.errors import AnswerUnreadable, GraphRefused, GraphUnreachable, UntrustedUrl
from graph.tokens import Tokens

TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=30)
BODY_LIMIT = 16 * 2**20
"""Bytes of one answer. An alert with 5,000 incidents takes about 3 MiB."""

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
        date = parse_http_date(headers.get("Date")) or datetime.now(UTC)
        retry_after = parse_retry_after(headers.get("Retry-After"), date)
        if not 200 <= status < 300:  # noqa: PLR2004
            code, message = parse_error_body(body)
            raise GraphRefused(status, code, message, headers.get("request-id"), retry_after)
        return Answer(_object(body), date, retry_after)

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
                return answer.status, answer.headers, await _limited(answer.content)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise GraphUnreachable(_said(error)) from error


async def _limited(content: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise AnswerUnreadable(f"the answer is larger than {BODY_LIMIT} bytes")
    return bytes(body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise AnswerUnreadable("the answer is not JSON") from error
    if not isinstance(value, dict):
        raise AnswerUnreadable("the answer is not a JSON object")
    return value


def _said(error: Exception) -> str:
    if isinstance(error, asyncio.TimeoutError):
        return f"no answer within {TIMEOUT.total:g} s"
    return str(error).partition("\n")[0][:300] or type(error).__name__
