"""The body of an answer: a JSON object, or the error in Graph's refusal.

https://learn.microsoft.com/graph/errors
"""

import json
import math
from typing import Any, Never

from alert_refresh.graph.errors import AnswerUnreadable
from alert_refresh.problems import make_well_formed

DEEPEST = 100
"""Levels of objects and lists. An alert has 4. A reader of the history overflows its stack at much deeper ones."""
LONGEST_CODE, LONGEST_MESSAGE = 200, 500
"""Characters. People read both, and a gateway may send a whole HTML page."""


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


def parse_error(body: bytes) -> tuple[str, str]:
    """Return Graph's `(code, message)` in the `body` of a refusal; "" for what is missing. Never raises."""
    document = _as_object(_load(body))
    error = document.get("error")
    if isinstance(error, str):
        # OAuth's form, which a service in front of Graph sends: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
        code, message = _as_text(error), _as_text(document.get("error_description"))
    else:
        code, message = (_as_text(_as_object(error).get(name)) for name in ("code", "message"))
    # PIM sends the code UnknownError, and a JSON document in `message`: its `errorCode` is the true code.
    inner = _as_object(_load(message))
    if inner:
        code = _as_text(inner.get("errorCode")) or code
        message = _as_text(inner.get("message")) or message
    return code[:LONGEST_CODE], message[:LONGEST_MESSAGE]


def _load(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _as_object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _as_text(value: Any) -> str:
    return make_well_formed(value.strip()) if isinstance(value, str) else ""
