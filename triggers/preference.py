"""`Prefer: wait=N`: how long a caller would rather hold the line than come back. https://www.rfc-editor.org/rfc/rfc7240."""

import re
from typing import Annotated

import azure.functions as func
from msgspec import Meta

from triggers.endpoint import Parameter

LONGEST_WAIT = 60
"""Seconds. The front end of Azure Functions cuts a request at 230."""

PREFER = Parameter(
    "Prefer",
    "header",
    Annotated[
        str,
        Meta(
            description="`wait=N`: answer with the result itself when the run ends within N seconds. More than "
            f"{LONGEST_WAIT} are {LONGEST_WAIT}; what cannot be read is passed over (RFC 7240).",
            examples=["wait=30"],
        ),
    ],
)

_WAIT = r'(?:^|,)\s*wait\s*=\s*"?([0-9]{1,9})"?\s*(?=[,;]|$)'


def preferred_wait(request: func.HttpRequest) -> int:
    """Return the seconds the caller prefers to wait, at most `LONGEST_WAIT`; 0 when it does not say so readably."""
    found = re.search(_WAIT, request.headers.get("prefer", ""), re.IGNORECASE)
    return min(int(found[1]), LONGEST_WAIT) if found else 0
