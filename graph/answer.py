"""What a 2xx answer of Graph says, as far as anybody here wants to know."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from domain.retry_after import parse_http_date, parse_retry_after


class Answer(NamedTuple):
    """A 2xx answer: its JSON object, its `Date`, if any, and what Graph asked to wait at least, in seconds."""

    body: dict[str, Any]
    date: datetime | None
    retry_after: float | None


class Accepted(NamedTuple):
    """A 2xx answer to an action: its `Location`, "" when it has none, and the rest as in `Answer`.

    Without a `Date` the app's own clock has to do.
    """

    location: str
    date: datetime
    retry_after: float | None


def asked_to_wait(headers: Mapping[str, str]) -> tuple[datetime | None, float | None]:
    """Return the server's clock, None when it does not tell, and the seconds that Graph asked to wait at least."""
    date = parse_http_date(headers.get("Date"))
    return date, parse_retry_after(headers.get("Retry-After"), date or datetime.now(UTC))
