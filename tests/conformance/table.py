"""All rows."""

from tests.conformance import commands, entities, front, lists, management, starts, values

ROWS = [*entities.ROWS, *starts.ROWS, *lists.ROWS, *commands.ROWS, *values.ROWS, *front.ROWS, *management.ROWS]
