"""Reading the body of an answer: no more than there is room for, and nothing but a JSON object."""

import json
import math
from typing import Any, Never

import aiohttp

from graph.errors import AnswerUnreadable

BODY_LIMIT = 16 * 2**20
"""Bytes of one answer. An alert with 5,000 incidents takes about 3 MiB."""


async def read_limited(content: aiohttp.StreamReader) -> bytes:
    """Return all of `content`. Raises `AnswerUnreadable` when it is over `BODY_LIMIT`."""
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise AnswerUnreadable(f"the answer is larger than {BODY_LIMIT} bytes")
    return bytes(body)


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that `body` is. Raises `AnswerUnreadable`."""
    try:
        value = json.loads(body, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise AnswerUnreadable("the answer is not JSON") from error
    if not isinstance(value, dict):
        raise AnswerUnreadable("the answer is not a JSON object")
    return value


def _no_number(name: str) -> Never:
    # Python reads NaN and Infinity, and would write them into the history, where no other JSON parser takes them.
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is no number that can be kept")
    return number
