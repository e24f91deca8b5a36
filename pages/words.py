"""Names and times as people read them."""

import re
from datetime import datetime
from typing import NamedTuple

from domain.timestamps import parse_timestamp

ACRONYMS = {"id": "ID", "mfa": "MFA", "pim": "PIM"}
UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
PLENTY = 2
"""So many of a unit are told in it: 90 seconds say more than one minute."""


class Moment(NamedTuple):
    """A time for a `<time>` element, for people, and from where they are in time."""

    machine: str
    shown: str
    distance: str


def in_words(name: str) -> str:
    """Return a name in camelCase as words, with one capital: `assigneeDisplayName` is "Assignee display name".

    Anything else is returned as it is.
    """
    if not re.fullmatch("[A-Za-z]+", name):
        return name
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    text = " ".join(ACRONYMS.get(part.lower(), part.lower()) for part in parts)
    return text[:1].upper() + text[1:]


def alert_name(graph_id: str) -> str:
    """Return the name in the id of an alert, or of the operation that refreshes it; an id without one as it is.

    https://learn.microsoft.com/graph/how-to-pim-alerts
    """
    name = graph_id.rpartition("_")[2].removesuffix("Alert")
    return in_words(name) if "_" in graph_id and name else graph_id


def moment(text: object, now: datetime) -> Moment | None:
    """Return the time that `text` names, as Graph or this app prints it; None when it names none."""
    parsed = parse_timestamp(text)
    if parsed is None:
        return None
    machine = parsed.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Moment(machine, f"{parsed:%Y-%m-%d %H:%M:%S} UTC", _distance((parsed - now).total_seconds()))


def _distance(seconds: float) -> str:
    size = abs(seconds)
    if size < 1:
        return "now"
    unit, name = next(((unit, name) for unit, name in UNITS if size >= PLENTY * unit), UNITS[-1])
    return f"in {size / unit:.0f} {name}" if seconds > 0 else f"{size / unit:.0f} {name} ago"
