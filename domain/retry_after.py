"""The Retry-After header: seconds, seconds with decimals (Graph sends them), or an HTTP date.

https://www.rfc-editor.org/rfc/rfc9110#field.retry-after, https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/3877
"""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 10 * 86_400.0
"""Seconds. Any longer wait is past every deadline the API accepts, and far longer ones overflow a timedelta."""


def parse_http_date(text: str | None) -> datetime | None:
    """Return the moment in UTC that an HTTP date names, or None when there is none to read."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def parse_retry_after(text: str | None, now: datetime) -> float | None:
    """Return the seconds to wait, from 0 to `LONGEST`, or None when the header is absent or says nothing readable.

    `now` is the `Date` of the same answer, so that an HTTP date is measured on the clock that wrote it.
    """
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        until = parse_http_date(text)
        if until is None:
            return None
        seconds = (until - now).total_seconds()
    return None if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST)
