"""What a refusal's body says: Graph's error object, one more inside a string inside it, HTML, or nothing.

https://learn.microsoft.com/graph/errors
"""

import json
from typing import Any

MESSAGE_LIMIT = 500
"""Characters. Messages are shown and logged; a gateway's HTML page is not a message."""


def parse_error_body(body: bytes) -> tuple[str, str]:
    """Return Graph's `(code, message)` from `body`, both "" when it holds none. Never raises."""
    error = _object(_object(_json(body)).get("error"))
    code, message = _text(error.get("code")), _text(error.get("message"))
    # PIM puts a JSON document into `message` and says UnknownError: the true code is `errorCode` inside.
    inner = _object(_json(message))
    if inner:
        code = _text(inner.get("errorCode")) or code
        message = _text(inner.get("message")) or message
    return code, message[:MESSAGE_LIMIT]


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return whole(value.strip()) if isinstance(value, str) else ""


def whole(text: str) -> str:
    """Return `text` with `?` for each half of a surrogate pair, which json and aiohttp read, and UTF-8 cannot write."""
    return text.encode(errors="replace").decode()
