"""Everything that reads text from Graph, each alone and fed with the same bytes: fast enough for millions of them."""

import contextlib
import json
from datetime import UTC, datetime

import msgspec
from domain.retry_after import LONGEST, parse_http_date, parse_retry_after
from domain.timestamps import format_timestamp, parse_timestamp
from graph.body import parse_object
from graph.claims import parse_claims
from graph.error_body import MESSAGE_LIMIT, parse_error_body
from graph.errors import AnswerUnreadable, UntrustedUrl
from graph.links import is_alerts_collection, next_link, operation_id_in
from graph.urls import alert_url, incidents_url, operation_url

from tests.fuzz.documents import ALERTS_URL, EVERY, URLS
from tests.support.graph_samples import ALERT_ID, GRAPH

NOW = datetime(2026, 1, 31, tzinfo=UTC)
SEEDS = [
    *(json.dumps(document).encode() for document in EVERY),
    *(url.encode(errors="replace") for url in URLS),
    *(b"315", b"0.249", b"Fri, 09 Jun 2023 22:52:10 GMT", b"2023-06-09T22:56:08.5222222Z"),
    b'Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="',
]


def read(sent: bytes) -> None:
    """Let every parser read `sent`. Raises AssertionError, or whatever a parser raises that it must not."""
    _body(sent)
    # As aiohttp decodes headers.
    _header(sent.decode(errors="surrogateescape"))


def _body(sent: bytes) -> None:
    with contextlib.suppress(AnswerUnreadable):
        body = parse_object(sent)
        assert msgspec.json.decode(json.dumps(body)) == body
    code, message = parse_error_body(sent)
    assert len(message) <= MESSAGE_LIMIT
    # Raises for half a surrogate pair.
    f"{code}{message}".encode()


def _header(text: str) -> None:
    for date in (parse_http_date(text), parse_timestamp(text)):
        assert date is None or parse_timestamp(format_timestamp(date)) is not None
    wait = parse_retry_after(text, NOW)
    assert wait is None or 0 <= wait <= LONGEST
    claims = parse_claims(text)
    assert claims is None or isinstance(json.loads(claims), dict)
    is_alerts_collection(GRAPH, text)
    with contextlib.suppress(UntrustedUrl):
        found = operation_id_in(GRAPH, f"{ALERTS_URL}/refresh", text)
        assert operation_id_in(GRAPH, GRAPH, operation_url(GRAPH, found)) == found
    with contextlib.suppress(UntrustedUrl):
        assert alert_url(GRAPH, text, [], []).startswith(f"{ALERTS_URL}/")
    incidents = incidents_url(GRAPH, ALERT_ID)
    with contextlib.suppress(UntrustedUrl):
        following = next_link(incidents, text)
        assert following.startswith(f"{incidents}?")
        assert next_link(incidents, following) == following
