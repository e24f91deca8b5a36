# ruff: noqa: INP001 - beside the queries, no package
"""The parameters of a query: each is a `let` on a line of its own, with the value that it has when nobody sets it."""

import re


def with_parameters(query: str, values: dict[str, str]) -> str:
    """Return `query` with other values, each written as KQL. ValueError when there is no such parameter."""
    for name, value in values.items():
        declaration = re.compile(rf"^let {name} = [^\n|]+;$", re.MULTILINE)
        if not declaration.search(query):
            raise ValueError(f"the query has no parameter {name}: a line `let {name} = …;`")
        query = declaration.sub(lambda _, name=name, value=value: f"let {name} = {value};", query)
    return query
