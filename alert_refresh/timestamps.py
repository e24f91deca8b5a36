"""Times as Graph and HTTP write them, and as this app writes them.

Graph is written in .NET: a time has 0 to 7 fractional digits and `Z`, and year 1 means "never". Some documented samples
are no valid times. What is parsed here is for comparison only; the results show the text that Graph sent.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_RETRY_AFTER = 10 * 86_400.0
"""Seconds. A longer wait is past every deadline that the API accepts, and far longer ones overflow a timedelta."""


def parse_timestamp(text: object) -> datetime | None:
    """Return the moment in UTC that `text` names; None when it is not an ISO 8601 time with an offset."""
    if not isinstance(text, str):
        return None
    try:
        # Python drops the seventh digit, so compare with >=, never with ==.
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def parse_scan_time(text: object) -> datetime | None:
    """Return the moment in UTC that a `lastScannedDateTime` names; None when it is no time, or means "never"."""
    moment = parse_timestamp(text)
    return moment if moment and moment.year > 1 else None


def format_timestamp(moment: datetime) -> str:
    """Return `moment` (aware) in UTC with milliseconds, as `2026-01-31T12:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_http_date(text: str | None) -> datetime | None:
    """Return the moment in UTC that an HTTP date names; None when `text` is not one."""
    try:
        moment = parsedate_to_datetime(text or "")
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def parse_retry_after(text: str | None, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, 0 to `LONGEST_RETRY_AFTER`; None when it is unreadable.

    The header holds seconds, seconds with decimals (Graph sends them), or an HTTP date. `now` is the `Date` of the same
    answer, so that an HTTP date is measured on the clock that wrote it.
    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/3877
    """
    # strip() removes more characters than float() accepts, as the separators of ASCII.
    seconds = (text or "").strip()
    if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]*)?", seconds, re.ASCII):
        return min(max(float(seconds), 0.0), LONGEST_RETRY_AFTER)
    until = parse_http_date(text)
    return min(max((until - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER) if until else None
