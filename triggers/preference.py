"""`Prefer: wait=N`: how long a caller would rather hold the line than come back. https://www.rfc-editor.org/rfc/rfc7240."""

import re

import azure.functions as func

LONGEST_WAIT = 60
"""Seconds. The front end of Azure Functions cuts a request at 230."""

_WAIT = re.compile(r'(?:^|,)\s*wait\s*=\s*"?([0-9]{1,9})"?\s*(?=[,;]|$)', re.IGNORECASE)


def preferred_wait(request: func.HttpRequest) -> int:
    """Return the seconds the caller prefers to wait, at most `LONGEST_WAIT`; 0 when it does not say so readably."""
    found = _WAIT.search(request.headers.get("prefer", ""))
    return min(int(found[1]), LONGEST_WAIT) if found else 0
