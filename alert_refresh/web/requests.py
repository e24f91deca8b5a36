"""The body and the query of a request. What two readers could understand differently is refused."""

import json
import re
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

import azure.functions as func
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

LONGEST_BODY = 64 * 1024
"""Bytes, four times the longest request."""

OF_THE_HOST = frozenset({"code", "clientid"})
"""Query parameters that the host reads, in lower case: the function key, and its name."""

IDEMPOTENCY_KEY = "Idempotency-Key"
LONGEST_KEY = 255
LONGEST_WAIT = 60
"""Seconds. The front end of Azure Functions cuts a request at 230."""

JSON = ("application/json", "application/problem+json")

# The draft requires a string of RFC 8941, in quotes, but most callers send the bare key. The host joins repeated
# headers with commas, so a bare key must have no comma.
# https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
_QUOTED = r'"((?:[^"\\]|\\["\\])*)"'
_BARE = r'[^",]+'
_VISIBLE = rf"[!-~]{{1,{LONGEST_KEY}}}"
_WAIT = r'(?:^|,)\s*wait\s*=\s*"?([0-9]{1,9})"?\s*(?=[,;]|$)'
_JSON_TYPE = r"application/(json|[a-z0-9!#$&^_.-]+\+json)"


class InvalidRequest(ValueError):
    """The request has faults: `errors` has a `{field, detail}` for each; `field` is "" for the whole request."""

    def __init__(self, errors: list[dict[str, str]], *, starts: bool = True) -> None:
        super().__init__("; ".join(f"{error['field']} {error['detail']}".strip() for error in errors))
        self.errors = errors
        self.starts = starts
        """Whether the request would have started something."""


class BodyTooLarge(Exception):
    """The body is too large. The text says how large it is and may be."""


class MediaTypeUnsupported(Exception):
    """The body has another media type or encoding. The text says how to send it."""


class RepeatedName(ValueError):
    """Two members of one object have the same name. The text is the name."""


def read_query(url: str) -> list[tuple[str, str]]:
    """Return the names and values in the query of `url` as sent, also the repeated and the empty ones.

    The parameters that the Functions host gives to the app are no substitute: it joins a repeated one with commas and
    drops an empty one (GrpcMessageConversionExtensions.cs in azure-functions-host). The host's own parameters are left
    out. Bytes that are not UTF-8 become lone surrogates, which no parameter accepts.
    """
    # urlsplit() would take a bare # for the beginning of a fragment.
    query = url.partition("?")[2]
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    return [(name, value) for name, value in pairs if name.lower() not in OF_THE_HOST]


def read_body(request: func.HttpRequest) -> dict[str, Any]:
    """Return the members of the JSON object in the body; without a body, an empty dict.

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
    return _parse_object(body)


def _is_json(content_type: str | None) -> bool:
    if content_type is None:
        return True
    # The standard library recommends this way to parse the header: https://docs.python.org/3/library/email.message.html
    header = Message()
    header["Content-Type"] = content_type
    charset = header.get_param("charset", "utf-8")
    return bool(re.fullmatch(_JSON_TYPE, header.get_content_type())) and str(charset).lower() == "utf-8"


def _parse_object(body: bytes) -> dict[str, Any]:
    try:
        # Windows PowerShell begins a file with a BOM, and RFC 8259 lets a reader ignore it. From bytes, json.loads()
        # would also accept UTF-16 and UTF-32.
        value = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_parse_members)
    except UnicodeDecodeError as error:
        raise _make_fault(f"it is not UTF-8 (at byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise _make_fault(f"it is not JSON ({error.msg} at line {error.lineno}, column {error.colno})") from error
    except RepeatedName:
        raise
    except (ValueError, RecursionError) as error:
        raise _make_fault("a number in it is too long, or it is nested too deep") from error
    if not isinstance(value, dict):
        raise _make_fault("it is JSON, but not an object")
    return value


def _make_fault(reason: str) -> ValueError:
    return ValueError(f'the body must be a JSON object, as {{"operationId": "…"}}: {reason}')


def _parse_members(members: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in members]
    if len(names) > len(set(names)):
        raise RepeatedName(next(name for name in names if names.count(name) > 1))
    return dict(members)


def read_idempotency_key(request: func.HttpRequest) -> str | None:
    """Return the caller's key without quotes; None when there is none. Raises ValueError with a sentence."""
    header = request.headers.get(IDEMPOTENCY_KEY)
    if header is None:
        return None
    quoted = re.fullmatch(_QUOTED, header)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else header
    if not re.fullmatch(_VISIBLE, key) or not (quoted or re.fullmatch(_BARE, key)):
        raise ValueError(
            f"must be one key of 1 to {LONGEST_KEY} visible ASCII characters, in double quotes when it holds a comma"
        )
    return key


def read_preferred_wait(request: func.HttpRequest) -> int:
    """Return the seconds that the caller prefers to wait, at most `LONGEST_WAIT`; 0 without a readable preference.

    https://www.rfc-editor.org/rfc/rfc7240
    """
    found = re.search(_WAIT, request.headers.get("prefer", ""), re.IGNORECASE)
    return min(int(found[1]), LONGEST_WAIT) if found else 0


def prefers_page(request: func.HttpRequest) -> bool:
    """Tell whether the caller prefers HTML to JSON. A caller without a preference gets JSON."""
    accepted = parse_accept_header(request.headers.get("accept", ""), MIMEAccept)
    return accepted.quality("text/html") > max(accepted.quality(media_type) for media_type in JSON)
