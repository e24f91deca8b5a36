"""The body of a request: a JSON object of at most 64 KiB, in UTF-8, in which nothing can be read in two ways."""

import json
import math
import re
from email.message import Message
from typing import Any

import azure.functions as func

LONGEST_BODY = 64 * 1024
"""Bytes, four times what the longest question has."""

LONGEST_NUMBER = 20
"""Digits of a whole number: enough for 64 bits."""

MOST_CONTAINERS = 100
"""Arrays and objects. The interpreter's own guard against deep nesting varies with its version and its threads."""

CLASS_NAMES = frozenset({"__class__", "__module__", "__data__"})
"""An object with these becomes an instance of the class that it names, where the SDK's codec is not strict."""

# Without its last quote, too: that keeps the search linear whatever is sent.
_STRING = r'"(?:[^"\\]|\\.)*+"?'
_JSON = r"application/(json|[a-z0-9!#$&^_.-]+\+json)"


class BodyTooLarge(Exception):
    """The text says how large the body is and may be."""


class MediaTypeUnsupported(Exception):
    """The text says what the body is sent as, and as what it must be."""


class RepeatedName(ValueError):
    """Two members of one object have the same name, which is the text."""


def json_object(request: func.HttpRequest) -> dict[str, Any]:
    """Return the members of the body; none when there is no body.

    Raises `BodyTooLarge`, `MediaTypeUnsupported`, `RepeatedName`, and ValueError with a sentence.
    """
    body = request.get_body()
    if not body:
        if "chunked" in request.headers.get("transfer-encoding", "").lower():
            # https://github.com/Azure/azure-functions-host/issues/4926
            raise ValueError(
                "Azure Functions drops chunked bodies: send the body with a Content-Length, or the fields in the query"
            )
        return {}
    if len(body) > LONGEST_BODY:
        raise BodyTooLarge(f"It has {len(body)} bytes; at most {LONGEST_BODY} are read")
    if not _is_json(request.headers.get("content-type")):
        raise MediaTypeUnsupported("Send JSON in UTF-8, with Content-Type: application/json")
    if request.headers.get("content-encoding", "identity").strip().lower() not in {"identity", ""}:
        raise MediaTypeUnsupported("Send the body as it is, without a Content-Encoding")
    return _parsed(body)


def _is_json(content_type: str | None) -> bool:
    if content_type is None:
        return True
    # The way to parse it that the standard library names: https://docs.python.org/3/library/email.message.html
    header = Message()
    header["Content-Type"] = content_type
    charset = header.get_param("charset", "utf-8")
    return bool(re.fullmatch(_JSON, header.get_content_type())) and str(charset).lower() == "utf-8"


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        # Windows PowerShell begins a file with a BOM. RFC 8259 lets a reader pass over it; nothing else can be meant.
        # From bytes json.loads() would take UTF-16 and UTF-32, too.
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _fault(f"it is not UTF-8 (at byte {error.start})") from error
    outside = re.sub(_STRING, "", text, flags=re.DOTALL)
    if outside.count("[") + outside.count("{") > MOST_CONTAINERS:
        raise _fault(f"it holds more than {MOST_CONTAINERS} arrays and objects")
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_int=_whole, parse_float=_finite, parse_constant=_not_json
        )
    except json.JSONDecodeError as error:
        raise _fault(f"it is not JSON ({error.msg} at line {error.lineno}, column {error.colno})") from error
    if not isinstance(value, dict):
        raise _fault("it is JSON, but no object")
    return value


def _fault(reason: str) -> ValueError:
    return ValueError(f'the body must be a JSON object, as {{"operationId": "…"}}: {reason}')


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict[str, Any]()
    for name, member in members:
        if name in value:
            raise RepeatedName(name)
        value[name] = member
    if CLASS_NAMES & value.keys():
        raise ValueError("the body must hold no object with __class__, __module__ or __data__")
    return value


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise _fault(f"a number in it has more than {LONGEST_NUMBER} digits")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _fault("a number in it is too large")
    return number


def _not_json(text: str) -> float:
    raise _fault(f"{text} is not JSON")
