"""What came of a POST, for the admin that reads the run: what happened and what can be done.

Nothing here repeats the URL, the answer or an exception's text: a workflow's signature would be in them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

import aiohttp

from domain.delivery import Attempt
from domain.retry_after import parse_http_date, parse_retry_after

MAY_PASS = frozenset({408, 429})
"""Refusals that a later attempt may not meet, as with every status from 500 on."""

ADVICE: Mapping[int, str] = {
    **dict.fromkeys((301, 302, 303, 307, 308), "redirects are not followed; start again with the URL it leads to"),
    **dict.fromkeys((401, 403), "its signature is wrong or has expired; start again with a new callbackUrl"),
    **dict.fromkeys((404, 410), "nobody waits there any more; read the run's result, or start again"),
    413: "the result is too large for it; start again with fewer names in expand and select",
}
UNEXPECTED = "it does not take the result; look for the reason in its own log"

# The first that fits: what is more special stands before what is less.
TROUBLES: Mapping[type[Exception], str] = {
    TimeoutError: "none came in time; it should answer before it does its work",
    aiohttp.ClientConnectorDNSError: "DNS has no address for its name",
    aiohttp.ClientConnectorCertificateError: "its certificate is not trusted, out of date or of another name; renew it",
    aiohttp.ClientSSLError: "TLS could not be agreed on",
    aiohttp.ClientConnectorError: "it could not be connected to; check the app's outbound network",
}
BROKEN = "the connection broke; look into its own log"


def not_sent(why: str) -> Attempt:
    """Return that nothing was sent, and that no other attempt would be."""
    return {"kind": "refused", "detail": f"Nothing was sent: {why}.", "retryAfter": None}


def answered(status: int, headers: Mapping[str, str]) -> Attempt:
    """Return what an answer amounts to."""
    said = f"The receiver answered HTTP {status}"
    if 200 <= status < 300:  # noqa: PLR2004
        return {"kind": "delivered", "detail": f"{said}.", "retryAfter": None}
    if status in MAY_PASS or status >= 500:  # noqa: PLR2004
        date = parse_http_date(headers.get("Date")) or datetime.now(UTC)
        waits = parse_retry_after(headers.get("Retry-After"), date)
        return {"kind": "tryAgain", "detail": f"{said}; if it goes on, look into its own log.", "retryAfter": waits}
    return {"kind": "refused", "detail": f"{said}: {ADVICE.get(status, UNEXPECTED)}.", "retryAfter": None}


def not_answered(error: Exception) -> Attempt:
    """Return what an error on the way amounts to. The POST may have arrived all the same."""
    return {"kind": "tryAgain", "detail": f"The receiver gave no answer: {_said(error)}.", "retryAfter": None}


def _said(error: Exception) -> str:
    said = next((text for kind, text in TROUBLES.items() if isinstance(error, kind)), BROKEN)
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return f"{said} ({type(cause).__name__})"
