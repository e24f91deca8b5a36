"""Which texts a timer trigger accepts as its schedule. The host does not load a timer whose schedule it cannot read.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
"""

import re
from typing import NamedTuple

ACCEPTED = (
    "must be an NCRONTAB expression of six fields (second minute hour day month weekday), as 0 0 6 * * *, "
    "or a time span hh:mm:ss or d.hh:mm:ss of more than zero with hours below 24"
)
"""The end of the sentence that reports a wrong schedule."""

_TIME_SPAN = re.compile(r"(?:[0-9]{1,6}\.)?(?:[01]?[0-9]|2[0-3])(?::[0-5]?[0-9]){2}")
_MONTHS = "january february march april may june july august september october november december"
_WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday"
_STEP = re.compile(r"[+-]?[0-9]{1,9}")


class _Field(NamedTuple):
    lowest: int
    highest: int
    names: tuple[str, ...] = ()

    def accepts(self, text: str) -> bool:
        return all(self._accepts_part(part) for part in text.split(","))

    def _accepts_part(self, part: str) -> bool:
        values, slash, step = part.partition("/")
        if slash and not _STEP.fullmatch(step):
            return False
        first, dash, last = values.partition("-")
        return values == "*" or (self._accepts_value(first) and (not dash or self._accepts_value(last)))

    def _accepts_value(self, text: str) -> bool:
        if re.fullmatch("[0-9]{1,9}", text):
            return self.lowest <= int(text) <= self.highest
        # NCRONTAB accepts any beginning of a name.
        return text != "" and any(name.startswith(text.lower()) for name in self.names)


_FIELDS = (
    _Field(0, 59),
    _Field(0, 59),
    _Field(0, 23),
    _Field(1, 31),
    _Field(1, 12, tuple(_MONTHS.split())),
    _Field(0, 6, tuple(_WEEKDAYS.split())),
)


def is_schedule(text: str) -> bool:
    """Tell whether `text` is an NCRONTAB expression of six fields, or a time span of more than zero."""
    # The host splits at blanks only: a tab does not separate fields.
    fields = [field for field in text.split(" ") if field]
    if len(fields) == len(_FIELDS):
        return all(field.accepts(part) for field, part in zip(_FIELDS, fields, strict=True))
    span = text.strip()
    return _TIME_SPAN.fullmatch(span) is not None and any(digit in span for digit in "123456789")
