"""The Retry-After header: seconds, seconds with decimals (Graph sends them), or an HTTP date.

https://www.rfc-editor.org/rfc/rfc9110#field.retry-after, https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/3877
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

SECONDS = r"[+-]?[0-9]+(\.[0-9]*)?"
LONGEST = 10 * 86_400.0
"""Seconds. Any longer wait is past every deadline the API accepts, and far longer ones overflow a timedelta."""


# Answers of one second have the same Date, and reading it is a tenth of a look's CPU.
@lru_cache(maxsize=16)
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
    # strip() takes off more than float() does, as the separators of ASCII.
    if re.fullmatch(SECONDS, seconds := text.strip(), re.ASCII):
        return min(max(float(seconds), 0.0), LONGEST)
    until = parse_http_date(text)
    return min(max((until - now).total_seconds(), 0.0), LONGEST) if until else None
