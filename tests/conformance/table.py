"""All rows, in the order of the facts."""

from tests.conformance import front, management, starts
from tests.conformance.row import Row

ROWS: list[Row] = [*starts.ROWS, *front.ROWS, *management.ROWS]
