"""Times as Graph prints them and as this app prints them.

Graph is .NET: 0 to 7 fractional digits, `Z`, year 1 for "never", and now and then a broken sample. Whoever needs the
exact text keeps the text; what is parsed here serves comparison only.
"""

from datetime import UTC, datetime


def parse_timestamp(text: object) -> datetime | None:
    """Return the moment in UTC that `text` names, or None when it names none (not a string, unparsable, no offset)."""
    if not isinstance(text, str):
        return None
    try:
        # Python cuts the seventh digit off: compare with >=, never with ==.
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def format_timestamp(moment: datetime) -> str:
    """Return `moment` (aware) in UTC with milliseconds, as `2026-01-31T12:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
