"""The headers of a request that the API reads: `Idempotency-Key`, `Prefer`, `Accept`."""

import re

import azure.functions as func
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

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
