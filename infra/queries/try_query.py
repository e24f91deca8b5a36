# ruff: noqa: INP001 - a script beside the queries, no package
"""Run a query on rows of one's own, without Azure: DuckDB takes the place of Application Insights.

    python try_query.py FILE [parameter=value …] < rows.json

`rows.json` holds a list of rows for each table: {"traces": [{"timestamp": "2026-01-31T12:00:00Z", "message": "…"}]}.
Columns that a row lacks are null. What comes out is a list of rows, too. A parameter is a `let` of the query.
What DuckDB does not speak of KQL is refused, not guessed: https://github.com/mmaitre314/duckdb-kql
"""

import json
import sys
from pathlib import Path
from typing import Any

import duckdb
import duckdb_kql
from parameters import with_parameters

SCHEMA = json.loads(Path(__file__).with_name("schema.json").read_text())["tables"]
TYPES = {"datetime": "TIMESTAMP", "dynamic": "JSON", "int": "INTEGER", "real": "DOUBLE", "string": "VARCHAR"}


def answer(query: str, tables: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the rows that `query` finds in `tables`."""
    connection = duckdb_kql.connect()
    for table, columns in SCHEMA.items():
        declared = ", ".join(f'"{name}" {TYPES[kind]}' for name, kind in columns.items())
        connection.execute(f'CREATE TABLE "{table}" ({declared})')
        for row in tables.get(table, []):
            _insert(connection, table, row)
    found = duckdb_kql.query(connection, query)
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def _insert(connection: duckdb.DuckDBPyConnection, table: str, row: dict[str, Any]) -> None:
    if unknown := set(row) - set(SCHEMA[table]):
        raise ValueError(f"{table} has no columns {sorted(unknown)}")
    values = [row.get(name) for name in SCHEMA[table]]
    connection.table(table).insert([json.dumps(each) if isinstance(each, dict | list) else each for each in values])


if __name__ == "__main__":
    path, *given = sys.argv[1:]
    text = with_parameters(Path(path).read_text(), dict(each.split("=", 1) for each in given))
    print(json.dumps(answer(text, json.load(sys.stdin)), default=str))  # noqa: T201 - its output
