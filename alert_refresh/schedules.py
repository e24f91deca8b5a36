"""Expressions of timer triggers, as the Functions host reads them.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
"""

import re

ACCEPTED = (
    "must be an NCRONTAB expression of six fields (second minute hour day month weekday), as 0 0 6 * * *, "
    "or a time span hh:mm:ss or d.hh:mm:ss of more than zero with hours below 24"
)

_TIME_SPAN = re.compile(r"(?=.*[1-9])(?:[0-9]{1,6}\.)?(?:[01]?[0-9]|2[0-3])(?::[0-5]?[0-9]){2}")
_PART = re.compile(
    r"(?:\*|([0-9]{1,9}|[a-z]+)(?:-([0-9]{1,9}|[a-z]+))?)(?:/[+-]?[0-9]{1,9})?", re.ASCII | re.IGNORECASE
)
_MONTHS = " january february march april may june july august september october november december"
_WEEKDAYS = " sunday monday tuesday wednesday thursday friday saturday"
_FIELDS = ((0, 59, ""), (0, 59, ""), (0, 23, ""), (1, 31, ""), (1, 12, _MONTHS), (0, 6, _WEEKDAYS))
"""The lowest and the highest number of each field, and the names that it accepts, each behind a blank."""


def is_schedule(text: str) -> bool:
    """Tell whether `text` is an NCRONTAB expression of six fields, or a time span of more than zero."""
    # The host splits at blanks only: a tab does not separate fields.
    fields = [field for field in text.split(" ") if field]
    if len(fields) != len(_FIELDS):
        return _TIME_SPAN.fullmatch(text) is not None
    return all(
        _accepts(part, *limits) for field, limits in zip(fields, _FIELDS, strict=True) for part in field.split(",")
    )


def _accepts(part: str, lowest: int, highest: int, names: str) -> bool:
    found = _PART.fullmatch(part)
    # NCRONTAB accepts any beginning of a name.
    return found is not None and all(
        lowest <= int(value) <= highest if value.isdigit() else f" {value.lower()}" in names
        for value in found.groups()
        if value
    )
