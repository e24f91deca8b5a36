"""One request to Graph. Its token goes to Graph only."""

import asyncio
import json
import math
import uuid
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Literal, NamedTuple, Never

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
    """A 2xx answer."""

    body: dict[str, Any]
    """Empty for a POST: only the headers of its answer count."""
    location: str
    """"" when there is none."""
    date: datetime | None
    """When Graph sent the answer, by its own clock; None when it did not say."""
    retry_after: float | None
    """Graph wants no other request within these seconds; None when it did not say."""
    client_request_id: str
    seconds: float
    """How long the answer took."""


class _Reply(NamedTuple):
    """An answer with any status. When its body could not be read, `fault` tells why; its headers count all the same."""

    status: int
    headers: Mapping[str, str]
    seconds: float
    body: bytes = b""
    fault: GraphError | None = None

    @property
    def date(self) -> datetime | None:
        return parse_http_date(self.headers.get("Date"))

    @property
    def retry_after(self) -> float | None:
        return parse_retry_after(self.headers.get("Retry-After"), self.date or datetime.now(UTC))


class GraphClient:
    """Sends requests to Graph at `base_url`.

    Both methods take an absolute URL, already quoted, and raise `IdentityError`, `GraphUnreachable`,
    `AnswerUnreadable`, `UntrustedUrl` or `GraphRefused`.
    """

    def __init__(self, session: aiohttp.ClientSession, tokens: Tokens, base_url: str) -> None:
        self._session = session
        self.tokens = tokens
        self._origin = URL(base_url).origin()

    async def get(self, url: str) -> Answer:
        """GET `url`."""
        return await self._send("GET", url)

    async def post(self, url: str, body: Mapping[str, Any] | None = None) -> Answer:
        """POST to the action `url`. After `GraphUnreachable`, Graph may have acted all the same."""
        return await self._send("POST", url, b"" if body is None else json.dumps(body).encode())

    async def _send(self, method: Literal["GET", "POST"], url: str, content: bytes | None = None) -> Answer:
        client_request_id = str(uuid.uuid4())
        reply = None
        try:
            reply = await self._authorize(method, url, _make_headers(client_request_id, content), content)
            if not 200 <= reply.status < 300:  # noqa: PLR2004
                code, message = parse_error(reply.body)
                request_id = make_well_formed(reply.headers.get("request-id", "")) or None
                raise GraphRefused(reply.status, code, message, request_id)
            if method == "GET" and reply.fault is not None:
                raise reply.fault
            body = parse_object(reply.body) if method == "GET" else {}
        except GraphError as error:
            error.client_request_id = client_request_id
            error.retry_after = reply and reply.retry_after
            if reply is not None and reply.status == TOO_MANY_REQUESTS:
                record_throttled(error.retry_after or 0.0)
            raise
        return Answer(
            body, reply.headers.get("Location", ""), reply.date, reply.retry_after, client_request_id, reply.seconds
        )

    async def _authorize(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> _Reply:
        """Return the answer. After a 401 the request is sent once more, with a new token."""
        target = URL(url, encoded=True)
        if target.origin() != self._origin:
            raise UntrustedUrl(f"it is not under {self._origin}")
        token = await self.tokens.get()
        reply = await self._exchange(method, target, headers, content, token)
        if reply.status == UNAUTHORIZED:
            token = await self.tokens.renew(token, parse_claims(reply.headers.get("WWW-Authenticate")))
            reply = await self._exchange(method, target, headers, content, token)
        return reply

    async def _exchange(
        self, method: str, target: URL, headers: Mapping[str, str], content: bytes | None, token: str
    ) -> _Reply:
        headers = {**headers, "Authorization": f"Bearer {token}"}
        reply, start = None, monotonic()
        try:
            async with self._session.request(
                method, target, headers=headers, data=content, timeout=TIMEOUT, allow_redirects=False
            ) as answer:
                reply = _Reply(answer.status, answer.headers, monotonic() - start)
                return reply._replace(body=await _read(answer.content))
        except AnswerUnreadable as error:
            fault: GraphError = error
        # ValueError: the request cannot be sent, for example because a header holds a line break.
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            fault = GraphUnreachable(_describe(error))
            fault.__cause__ = error
        if reply is None:
            raise fault
        return reply._replace(fault=fault)


async def _read(content: aiohttp.StreamReader) -> bytes:
    """Return all of `content`. Raises `AnswerUnreadable` when it is over `LARGEST_BODY`."""
    chunks, size = [], 0
    while chunk := await content.readany():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise AnswerUnreadable(f"the answer is larger than {LARGEST_BODY} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that `body` is. Raises `AnswerUnreadable`.

    The object goes into the durable history, so every parser must accept it: NaN, Infinity and 1e999 are refused, and
    half of a surrogate pair becomes `?`.
    """
    try:
        # From bytes, json.loads() would accept encoded surrogates.
        text = body.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_refuse, parse_float=_parse_float)
        if "\\ud" in text.lower():
            value = json.loads(make_well_formed(json.dumps(value, ensure_ascii=False)))
    except (ValueError, RecursionError) as error:
        raise AnswerUnreadable("the answer is not JSON") from error
    if not isinstance(value, dict):
        raise AnswerUnreadable("the answer is not a JSON object")
    if _is_too_deep(value):
        raise AnswerUnreadable(f"the answer is not JSON of at most {DEEPEST} levels")
    return value


def _refuse(constant: str) -> Never:
    raise ValueError(f"{constant} is not JSON")


def _parse_float(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        lists = [each.values() if isinstance(each, dict) else each for each in level]
        level = [child for each in lists for child in each if isinstance(child, dict | list)]
        if not level:
            return False
    return True


def _make_headers(client_request_id: str, content: bytes | None) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "client-request-id": client_request_id,
        # Without it Graph sends `unknownFutureValue` in place of every newer member of an enum.
        "Prefer": "include-unknown-enum-members",
    }
    if content is None:
        return headers
    # Graph's documentation requires a type also for an action without a body.
    return headers | {"Content-Type": "application/json", "Content-Length": str(len(content))}


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


type _Lifetime = AsyncGenerator[GraphClient]

_open: dict[asyncio.AbstractEventLoop, tuple[GraphClient, _Lifetime]] = {}


async def open_client() -> GraphClient:
    """Return this event loop's client, made at the first call. Raises `alert_refresh.settings.InvalidSettings`."""
    loop = asyncio.get_running_loop()
    if loop not in _open:
        lifetime = _hold_open(settings())
        # anext() of this generator does not suspend: no other task comes between the check and the entry.
        _open[loop] = (await anext(lifetime), lifetime)
    return _open[loop][0]


async def _hold_open(current: Settings) -> _Lifetime:
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
