"""One request to Graph. Its token goes to Graph only."""

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Literal, NamedTuple

import aiohttp
from yarl import URL

from alert_refresh.graph.errors import (
    AnswerUnreadable,
    GraphError,
    GraphRefused,
    GraphUnreachable,
    UntrustedUrl,
    parse_error,
)
from alert_refresh.graph.tokens import Tokens, parse_claims
from alert_refresh.problems import make_well_formed
from alert_refresh.settings import Settings, settings
from alert_refresh.telemetry.instruments import make_graph_trace_configs, record_throttled
from alert_refresh.timestamps import parse_http_date, parse_retry_after

TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=30)
LARGEST_BODY = 16 * 2**20
"""Bytes of one answer. An alert with 5,000 incidents takes about 3 MiB."""
DEEPEST = 100
"""Levels of objects and lists. An alert has 4. A reader of the history overflows its stack at much deeper ones."""
UNAUTHORIZED, TOO_MANY_REQUESTS = 401, 429


class Answer(NamedTuple):
    """An answer of Graph. Outside this file, its status is 2xx."""

    client_request_id: str
    status: int
    headers: Mapping[str, str]
    seconds: float
    """How long the answer took."""
    content: bytes = b""
    fault: GraphError | None = None
    """Why `content` could not be read. The headers count all the same."""
    body: Any = None
    """Of a GET: the JSON object that `content` is. Of a POST only the headers count."""

    @property
    def date(self) -> datetime | None:
        """When Graph sent the answer, by its own clock; None when it did not say."""
        return parse_http_date(self.headers.get("Date"))

    @property
    def retry_after(self) -> float | None:
        """Graph wants no other request within these seconds; None when it did not say."""
        return parse_retry_after(self.headers.get("Retry-After"), self.date or datetime.now(UTC))


class GraphClient:
    def __init__(self, session: aiohttp.ClientSession, tokens: Tokens, base_url: str) -> None:
        self._session = session
        self.tokens = tokens
        self._origin = URL(base_url).origin()

    async def send(self, method: Literal["GET", "POST"], url: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Send one request to `url`, absolute and already quoted. A POST has the JSON `body`, or an empty one.

        Raises `IdentityError`, `GraphUnreachable`, `AnswerUnreadable`, `UntrustedUrl` or `GraphRefused`. After
        `GraphUnreachable`, Graph may have acted all the same.
        """
        content = None if method == "GET" else b"" if body is None else json.dumps(body).encode()
        headers = _make_headers(content)
        answer = None
        try:
            target = URL(url, encoded=True)
            if target.origin() != self._origin:
                raise UntrustedUrl(f"it is not under {self._origin}")
            token = await self.tokens.get()
            answer = await self._exchange(method, target, headers, content, token)
            if answer.status == UNAUTHORIZED:
                # Once more, with a new token.
                token = await self.tokens.renew(token, parse_claims(answer.headers.get("WWW-Authenticate")))
                answer = await self._exchange(method, target, headers, content, token)
            if not 200 <= answer.status < 300:  # noqa: PLR2004
                request_id = make_well_formed(answer.headers.get("request-id", "")) or None
                raise GraphRefused(answer.status, *parse_error(answer.content), request_id)
            if method == "POST":
                return answer
            if answer.fault is not None:
                raise answer.fault
            return answer._replace(body=parse_object(answer.content))
        except GraphError as error:
            error.client_request_id = headers["client-request-id"]
            error.retry_after = answer and answer.retry_after
            if answer is not None and answer.status == TOO_MANY_REQUESTS:
                record_throttled(error.retry_after or 0.0)
            raise

    async def _exchange(
        self, method: str, target: URL, headers: Mapping[str, str], content: bytes | None, token: str
    ) -> Answer:
        answer, start = None, monotonic()
        try:
            async with self._session.request(
                method,
                target,
                headers={**headers, "Authorization": f"Bearer {token}"},
                data=content,
                timeout=TIMEOUT,
                allow_redirects=False,
            ) as got:
                answer = Answer(headers["client-request-id"], got.status, got.headers, monotonic() - start)
                return answer._replace(content=await _read(got.content))
        except AnswerUnreadable as error:
            fault: GraphError = error
        # ValueError: the request cannot be sent, for example because a header holds a line break.
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            fault = GraphUnreachable(_describe(error))
            fault.__cause__ = error
        if answer is None:
            raise fault
        return answer._replace(fault=fault)


async def _read(content: aiohttp.StreamReader) -> bytes:
    """Return all of `content`. Raises `AnswerUnreadable` when it is over `LARGEST_BODY`."""
    body = bytearray()
    while chunk := await content.readany():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise AnswerUnreadable(f"the answer is larger than {LARGEST_BODY} bytes")
    return bytes(body)


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that `body` is. Raises `AnswerUnreadable`.

    The object goes into the durable history, so every parser must accept it: NaN, Infinity and 1e999 are refused, and
    half of a surrogate pair becomes `?`.
    """
    try:
        # From bytes, json.loads() would accept encoded surrogates.
        value = json.loads(body.decode("utf-8-sig"))
        value = json.loads(make_well_formed(json.dumps(value, ensure_ascii=False, allow_nan=False)))
    except (ValueError, RecursionError) as error:
        raise AnswerUnreadable("the answer is not JSON") from error
    if not isinstance(value, dict):
        raise AnswerUnreadable("the answer is not a JSON object")
    if _is_deeper(value, DEEPEST):
        raise AnswerUnreadable(f"the answer is not JSON of at most {DEEPEST} levels")
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    children = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(child, levels - 1) for child in children)


def _make_headers(content: bytes | None) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "client-request-id": str(uuid.uuid4()),
        # Without it Graph sends `unknownFutureValue` in place of every newer member of an enum.
        "Prefer": "include-unknown-enum-members",
    }
    if content is not None:
        # Graph's documentation requires a type also for an action without a body.
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(content))}
    return headers


def _describe(error: Exception) -> str:
    """Return what happened to the connection. Most texts of aiohttp repeat received data, also headers."""
    match error:
        case TimeoutError():
            return "no answer in time"
        case aiohttp.ServerDisconnectedError():
            return "the server closed the connection"
        case aiohttp.ClientConnectorError():
            return str(error).partition("\n")[0][:300]
        case _:
            return f"the connection broke ({type(error).__name__})"


_open: dict[asyncio.AbstractEventLoop, tuple[GraphClient, AsyncGenerator[GraphClient]]] = {}


async def open_client() -> GraphClient:
    """Return this event loop's client, made at the first call. Raises `alert_refresh.settings.InvalidSettings`."""
    loop = asyncio.get_running_loop()
    if loop not in _open:
        lifetime = _hold_open(settings())
        # anext() of this generator does not suspend: no other task comes between the check and the entry.
        _open[loop] = (await anext(lifetime), lifetime)
    return _open[loop][0]


async def _hold_open(current: Settings) -> AsyncGenerator[GraphClient]:
    # The Functions worker has no shutdown hook for apps. But an event loop closes the asynchronous generators that are
    # still open before it ends (loop.shutdown_asyncgens), and so this one closes what it holds, on the right loop.
    tokens = Tokens(current.graph_base_url, current.graph_scope)
    try:
        async with aiohttp.ClientSession(trace_configs=make_graph_trace_configs()) as session:
            yield GraphClient(session, tokens, current.graph_base_url)
    finally:
        # The entry would keep the closed loop alive.
        _open.pop(asyncio.get_running_loop(), None)
        await tokens.close()
