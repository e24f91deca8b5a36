"""The incidents of an alert as a table. Graph has a type of incident for each alert, and may add properties to any."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pages.words import Moment, moment

MOST_ROWS = 200


class Table(NamedTuple):
    """`columns` are properties, `left_out` rows did not get in."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Moment | str]]
    left_out: int


def incident_table(incidents: Sequence[Mapping[str, Any]], now: datetime) -> Table:
    """Return the properties that any of the incidents shown has a value for; ids, which say the least, come last."""
    shown = incidents[:MOST_ROWS]
    names = dict.fromkeys(name for each in shown for name, value in each.items() if "@" not in name and value != "")
    columns = [name for name in names if any(each.get(name) is not None for each in shown)]
    columns.sort(key=lambda name: name == "id" or name.endswith("Id"))
    rows = [[_cell(each.get(name), now) for name in columns] for each in shown]
    return Table(columns, rows, len(incidents) - len(shown))


def _cell(value: object, now: datetime) -> Moment | str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        # A date alone is no time, and so are most texts.
        return moment(value, now) or value
    return json.dumps(value, ensure_ascii=False)
