"""The body, the query and the fields of a request. What two readers could understand differently is refused."""

import json
import re
from collections.abc import Callable, Collection, Container, Iterable, Mapping
from datetime import datetime
from difflib import get_close_matches
from functools import partial
from os import environ
from typing import Any
from urllib.parse import parse_qsl

import azure.functions as func
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

from alert_refresh.problems import Refused, make_problem
from alert_refresh.run.state import LONGEST_CALLER
from alert_refresh.settings import find_caller_check
from alert_refresh.timestamps import parse_timestamp

LONGEST_BODY = 64 * 1024
"""Bytes, four times the longest request."""

OF_THE_HOST = frozenset({"code", "clientid"})
"""Query parameters that the host reads, in lower case: the function key, and its name."""

IDEMPOTENCY_KEY = "Idempotency-Key"
LONGEST_KEY = 255
LONGEST_WAIT = 60
"""Seconds. The front end of Azure Functions cuts a request at 230."""

MOST_UNKNOWN = 10
LONGEST_NAME = 64
"""Unknown fields that the answer names, and the longest name that it repeats."""

JSON = ("application/json", "application/problem+json")
FORM = "application/x-www-form-urlencoded"

# The draft requires a string of RFC 8941, in quotes, but most callers send the bare key. The host joins repeated
# headers with commas, so a bare key must have no comma.
# https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
_QUOTED = r'"((?:[^"\\]|\\["\\])*)"'
_BARE = r'[^",]+'
_VISIBLE = rf"[!-~]{{1,{LONGEST_KEY}}}"
_WAIT = r'(?:^|,)\s*wait\s*=\s*"?([0-9]{1,9})"?\s*(?=[,;]|$)'
_JSON_TYPE = r"application/(json|[a-z0-9!#$&^_.-]+\+json)"

type Fault = dict[str, str]
"""`field`, and in `detail` the end of a sentence about it; the field is "" for the whole request."""


def refuse_faults(errors: list[Fault], *, starts: bool = True) -> Refused:
    """Return the refusal of a request with `errors`. `starts` says whether it would have started something."""
    text = "; ".join(f"{error['field']} {error['detail']}".strip() for error in errors)
    text = f"Nothing was started: {text}" if starts else text
    # A hint ends as a question.
    detail = text if text.endswith("?") else f"{text}."
    return Refused({**make_problem("invalid-request", detail), "errors": errors})


def make_fault(field: str, detail: str) -> Fault:
    return {"field": field, "detail": detail}


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


def is_form(request: func.HttpRequest) -> bool:
    """Tell whether the request has the media type of an HTML form, also with an empty body."""
    return _read_media_type(request)[0] == FORM


def is_declared_json(request: func.HttpRequest) -> bool:
    """Tell whether the request has a Content-Type of JSON, also with an empty body."""
    return "content-type" in request.headers and bool(re.fullmatch(_JSON_TYPE, _read_media_type(request)[0]))


def read_body(request: func.HttpRequest, known: Container[str]) -> list[tuple[str, Any]]:
    """Return the names and values in the body: those of a form, or the members of a JSON object. Raises `Refused`.

    Without a body there are none. The values of a form are strings, and a name can be there twice.

    A fault repeats only names that are `known`.
    """
    body = request.get_body()
    if not body:
        if "chunked" in request.headers.get("transfer-encoding", "").lower():
            # https://github.com/Azure/azure-functions-host/issues/4926
            detail = "Azure Functions drops chunked bodies: send it with a Content-Length, or its fields in the query"
            raise refuse_faults([make_fault("", detail)])
        return []
    if len(body) > LONGEST_BODY:
        detail = f"Nothing was started. It has {len(body)} bytes; at most {LONGEST_BODY} are read."
        raise Refused(make_problem("body-too-large", detail))
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    media_type, charset = _read_media_type(request)
    is_known = bool(re.fullmatch(f"{_JSON_TYPE}|{FORM}", media_type)) and charset == "utf-8"
    # curl and PowerShell declare a form, whatever they send.
    is_json_in_a_form = media_type == FORM and body.lstrip().startswith(b"{")
    if not is_known or is_json_in_a_form or encoding not in {"identity", ""}:
        detail = "Nothing was started. Send JSON in UTF-8, with Content-Type: application/json and no Content-Encoding."
        raise Refused(make_problem("media-type-unsupported", detail))
    if media_type == FORM:
        return parse_qsl(body.decode(errors="surrogateescape"), keep_blank_values=True, errors="surrogateescape")
    return list(_parse_object(body, known).items())


def _read_media_type(request: func.HttpRequest) -> tuple[str, str]:
    """Return the media type and the charset of the body, in lower case. Without a Content-Type it is JSON."""
    media_type, options = parse_options_header(request.headers.get("content-type", JSON[0]))
    return media_type.lower(), options.get("charset", "utf-8").lower()


def _parse_object(body: bytes, known: Container[str]) -> dict[str, Any]:
    try:
        # Windows PowerShell begins a file with a BOM, and RFC 8259 lets a reader ignore it. From bytes, json.loads()
        # would also accept UTF-16 and UTF-32.
        value = json.loads(body.decode("utf-8-sig"), object_pairs_hook=partial(_parse_members, known=known))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise _refuse_body(f"it is not JSON in UTF-8 ({error})") from error
    except (ValueError, RecursionError) as error:
        raise _refuse_body("a number in it is too long, or it is nested too deep") from error
    if not isinstance(value, dict):
        raise _refuse_body("it is JSON, but not an object")
    return value


def _refuse_body(reason: str) -> Refused:
    return refuse_faults([make_fault("", f'the body must be a JSON object, as {{"operationId": "…"}}: {reason}')])


def _parse_members(members: list[tuple[str, Any]], known: Container[str]) -> dict[str, Any]:
    names = [name for name, _ in members]
    if len(names) > len(set(names)):
        name = next(name for name in names if names.count(name) > 1)
        detail = "two members of one object in the body have the same name"
        raise refuse_faults([make_fault(name if name in known else "", detail)])
    return dict(members)


def read_idempotency_key(request: func.HttpRequest) -> str | None:
    """Return the caller's key without quotes; None when there is none. Raises ValueError with a sentence."""
    header = request.headers.get(IDEMPOTENCY_KEY)
    return None if header is None else parse_idempotency_key(header)


def parse_idempotency_key(text: str) -> str:
    """Return the key in `text` without quotes. Raises ValueError with a sentence."""
    quoted = re.fullmatch(_QUOTED, text)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else text
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


def read_caller(request: func.HttpRequest) -> str | None:
    """Return who App Service says the caller is: a name, or the id of an app. None with keys: they name nobody.

    https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities
    """
    # Without the sign-in any caller can send these headers.
    headers = request.headers if find_caller_check(environ) == "sign-in" else {}
    name = headers.get("x-ms-client-principal-name") or headers.get("x-ms-client-principal-id")
    return name[:LONGEST_CALLER] if name else None


def prefers_page(request: func.HttpRequest) -> bool:
    """Tell whether the caller prefers HTML to JSON. A caller without a preference gets JSON."""
    accepted = parse_accept_header(request.headers.get("accept", ""), MIMEAccept)
    return accepted.quality("text/html") > max(accepted.quality(media_type) for media_type in JSON)


def parse_fields(
    given: Iterable[tuple[str, Any]], parsers: Mapping[str, Callable[[Any], Any]]
) -> tuple[dict[str, Any], list[Fault]]:
    """Return the values of the valid fields, and a fault for each of the others. `given` are names and values.

    A parser raises ValueError with a sentence.
    """
    by_name: dict[str, list[Any]] = {}
    for name, value in given:
        by_name.setdefault(name, []).append(value)
    values, errors = dict[str, Any](), list[Fault]()
    for name, found in by_name.items():
        if name not in parsers:
            continue
        if len(found) > 1:
            errors.append(make_fault(name, "is given twice"))
            continue
        try:
            values[name] = parsers[name](found[0])
        except ValueError as error:
            errors.append(make_fault(name, str(error)))
    return values, errors + _list_unknown([name for name in by_name if name not in parsers], parsers)


def _list_unknown(names: list[str], known: Collection[str]) -> list[Fault]:
    errors = []
    for name in names[:MOST_UNKNOWN]:
        # The name may be a URL with a signature, by a mistake of the caller.
        plain = len(name) <= LONGEST_NAME and not set(name) & set("/?&=%")
        shown = name if plain else "(a name that is not repeated here)"
        errors.append(make_fault(shown, f"is unknown; {make_hint(name, known)}"))
    if len(names) > MOST_UNKNOWN:
        errors.append(make_fault("", f"{len(names) - MOST_UNKNOWN} more fields are unknown"))
    return errors


def make_hint(name: str, known: Collection[str]) -> str:
    """Return which of the `known` names the caller may mean by `name`."""
    close = get_close_matches(name, known, n=1)
    if not known:
        return "this route has no parameters"
    return f"did you mean {close[0]}?" if close else f"the names are {', '.join(known)}"


def parse_moment(value: Any) -> datetime:
    """Return the moment in UTC. Raises ValueError with a sentence."""
    moment = parse_timestamp(value)
    if moment is None:
        raise ValueError("must be an ISO 8601 time with an offset, as 2026-01-31T12:00:00Z; in a query + is %2B")
    return moment
