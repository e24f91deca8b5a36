"""What each field of a start accepts. Each function returns the value to keep; it raises ValueError with a sentence."""

import re
from typing import Any

from domain.settings import LONGEST_RUN_SECONDS
from domain.timestamps import parse_timestamp
from graph.errors import UntrustedUrl
from graph.urls import OPERATIONS, is_segment, segment_under

LONGEST_ID = 200
ODATA_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}", re.ASCII)


def operation_id(value: Any) -> str:
    """Return `value` when it can be one path segment of a Graph URL."""
    if not isinstance(value, str) or len(value) > LONGEST_ID or not is_segment(value):
        raise ValueError(f"must be a string of 1 to {LONGEST_ID} printable characters without / \\ ? #")
    return value


def operation_in(value: Any, base_url: str) -> str:
    """Return the operation id in `value`, a URL of an operation under `base_url`."""
    try:
        return operation_id(segment_under(base_url, OPERATIONS, value if isinstance(value, str) else ""))
    except UntrustedUrl as error:
        raise ValueError(f"must be {base_url}{OPERATIONS}<operation id>; {error}") from error


def odata_names(value: Any) -> list[str]:
    """Return the names in `value`, a list or a comma-separated string of OData names."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and ODATA_NAME.fullmatch(name) for name in names):
        raise ValueError(
            "must be OData property names: a JSON array of strings, or one string with commas and no blanks"
        )
    return sorted(set(names))


def timeout_seconds(value: Any) -> int:
    """Return `value` as whole seconds; the query can only give a string."""
    seconds = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value, re.ASCII) else value
    if type(seconds) is not int or not 1 <= seconds <= LONGEST_RUN_SECONDS:
        raise ValueError(f"must be a whole number of seconds from 1 to {LONGEST_RUN_SECONDS}")
    return seconds


def moment(value: Any) -> str:
    """Return `value`, a time with an offset, in UTC."""
    time = parse_timestamp(value)
    if time is None:
        raise ValueError("must be an ISO 8601 time with an offset, as 2026-01-31T12:00:00Z")
    # To the microsecond: cut shorter it would be an earlier time, and let in what is older than was asked.
    return time.isoformat(timespec="microseconds" if time.microsecond % 1000 else "milliseconds").replace("+00:00", "Z")
