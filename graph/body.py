"""Reading the body of an answer: no more than there is room for, and nothing but a JSON object."""

import codecs
from typing import Any

import aiohttp
import msgspec

from graph.errors import AnswerUnreadable

BODY_LIMIT = 16 * 2**20
"""Bytes of one answer. An alert with 5,000 incidents takes about 3 MiB."""


async def read_limited(content: aiohttp.StreamReader) -> bytes:
    """Return all of `content`. Raises `AnswerUnreadable` when it is over `BODY_LIMIT`."""
    chunks, size = [], 0
    while chunk := await content.readany():
        size += len(chunk)
        if size > BODY_LIMIT:
            raise AnswerUnreadable(f"the answer is larger than {BODY_LIMIT} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that `body` is. Raises `AnswerUnreadable`."""
    try:
        # Not json.loads: it reads NaN, Infinity, 1e999 and half a surrogate pair, and what is in the durable history
        # must be JSON to every parser.
        value = msgspec.json.decode(body.removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError) as error:
        raise AnswerUnreadable("the answer is not JSON") from error
    if not isinstance(value, dict):
        raise AnswerUnreadable("the answer is not a JSON object")
    return value
