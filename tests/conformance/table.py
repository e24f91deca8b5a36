"""All rows."""

from tests.conformance import commands, entities, front, lists, management, starts, values
from tests.conformance.row import Row

ROWS: list[Row] = [
    *entities.ROWS,
    *starts.ROWS,
    *lists.ROWS,
    *commands.ROWS,
    *values.ROWS,
    *front.ROWS,
    *management.ROWS,
]
